"""The target's flags, and the password that must not stay in the process list."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wizard.cli import main
from wizard.target.flags import (
    TargetArguments,
    TargetParser,
    add_target_arguments,
    given_path,
    target_arguments,
)
from wizard.target.model import SshPlace, SslMode

PROGRAM = """
import json, sys
from wizard.target.flags import TargetParser, add_target_arguments, target_arguments
parser = TargetParser()
add_target_arguments(parser)
found = target_arguments(parser.parse_args())
secret = found.password or found.url.password
print(json.dumps([secret.reveal(), found.warnings, sys.argv + sys.orig_argv[3:]]), flush=True)
sys.stdin.read()
"""


def parsed(*words: str) -> TargetArguments:
    parser = TargetParser()
    add_target_arguments(parser)
    return target_arguments(parser.parse_args(list(words)))


def test_the_flags_of_the_mysql_client() -> None:
    found = parsed(
        "-h", "db", "-P3307", "-uroot", "-S/s.sock", "--ssl-mode=verify_ca", "--ssl-ca", "/ca",
        "--app-log", "/a", "--app-log", "/b", "--since", "2h",
    )  # fmt: skip
    assert (found.host, found.port, found.user, found.socket) == ("db", 3307, "root", "/s.sock")
    assert (found.ssl_mode, found.ssl_ca) == (SslMode.VERIFY_CA, Path("/ca"))
    assert found.sources.app_logs == (Path("/a"), Path("/b"))
    assert (found.since, found.until) == ("2h", None)
    assert found.names_server


def test_the_application_s_host_is_no_server() -> None:
    found = parsed("--app-ssh", "deploy@app1:2222")
    assert found.app_ssh == SshPlace("app1", "deploy", 2222)
    assert not found.names_server
    assert parsed("--ssh", "db1").app_ssh is None


def test_nothing_given_names_no_server() -> None:
    assert not parsed("-uroot", "-p", "--app-log", "/a").names_server


@pytest.mark.parametrize("flag", ["-p", "--password"])
def test_a_bare_password_flag_asks_and_swallows_nothing(flag: str) -> None:
    found = parsed(flag, "mysql://db/")
    assert found.ask_password
    assert found.password is None
    assert found.url is not None
    assert found.url.host == "db"


@pytest.mark.parametrize("flag", ["-ps3cret", "--password=s3cret"])
def test_an_attached_password_is_taken_with_a_warning(flag: str) -> None:
    found = parsed(flag)
    assert found.password is not None
    assert found.password.reveal() == "s3cret"
    assert not found.ask_password
    assert "use -p" in found.warnings[0]
    assert "s3cret" not in repr(found)


def test_an_empty_password_is_one_and_asks_for_none() -> None:
    found = parsed("--password=")
    assert found.password is not None
    assert found.password.reveal() == ""
    assert not found.ask_password
    assert found.warnings == ()


def test_help_is_long_only(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parsed("--help")
    assert stopped.value.code == 0
    assert "--defaults-group-suffix" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["-P", "0"], ["-P", "70000"], ["-P", "x"], ["--ssl-mode", "ON"], ["http://x/"],
        ["mysql://u:s3cret@h:99999/"], ["mysql://u:s3cret@h/?color=1"],
        ["mysql://u:s3cret@h/?ssl-ca=~nobody-here/ca.pem"],
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_without_the_password(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parsed(*words)
    assert stopped.value.code == 2
    assert "s3cret" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "password"),
    [
        ("-ps3cret", "s3cret"),
        ("--password=s3cret", "s3cret"),
        ("mysql://me:s%33cret@db.example/shop", "s3cret"),
        ("-pä€s3cret", "ä€s3cret"),
    ],
)
def test_the_password_leaves_the_process_list(word: str, password: str) -> None:
    command = [sys.executable, "-c", PROGRAM, "-uadmin", word, "--host=s3", "--until=1h"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        cwd=Path(__file__).parents[3],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = process.stdout.readline()
        # Seen from outside, as every other account sees it.
        seen = Path(f"/proc/{process.pid}/cmdline").read_bytes().split(b"\0")
        process.communicate("", timeout=60)
    secret, warnings, copies = json.loads(told)
    assert secret == password
    assert "for a moment" in warnings[0]
    assert not any(b"cret" in argument for argument in seen[3:])
    assert b"-uadmin" in seen
    assert seen[-3:] == [b"--host=s3", b"--until=1h", b""]
    assert not any("cret" in argument for argument in copies)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["-P", "99999"], "'99999' is no port"),
        (["--nosuch"], "unrecognized arguments: --nosuch"),
        (["frob\x1b[31m"], "is no command and no target"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_way_on(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = TargetParser(prog="goneaway-wizard")
    add_target_arguments(parser)
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(words)
    assert stopped.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert why in err
    assert "--help" in err
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("word", "meant"), [("chekc", "check"), ("Report", "report"), ("opne", "open")]
)
def test_a_mistyped_command_is_named_beside_the_one_that_is_meant(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([word]) == 2
    told = capsys.readouterr().err
    assert f"did you mean '{meant}'?" in told
    assert len(told.splitlines()) == 1


def test_a_word_that_is_like_no_command_is_told_what_a_target_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["frob"])
    assert left.value.code == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_file_whose_name_begins_with_a_tilde_is_that_file() -> None:
    """The shell leaves it as it is where no account has that name."""
    assert given_path("~nosuch-account.case.json") == Path("~nosuch-account.case.json")
    assert given_path("~/o.json") == Path.home() / "o.json"
