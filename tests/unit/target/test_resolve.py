"""What wins when flags, URL, login path, option files and environment all name a server."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.target.pem import pem_files
from tests.unit.target.test_flags import parsed
from wizard.safety.errors import UsageError
from wizard.target.model import SslMode, Target
from wizard.target.resolve import resolve_target, says_where
from wizard.target.url import UrlError, parse_url


@pytest.fixture(autouse=True)
def _no_system_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.target.option_files.SYSTEM_FILES", ())


@pytest.fixture
def option_file(tmp_path: Path) -> Path:
    path = tmp_path / "my.cnf"
    path.write_text(
        "[client]\nuser=filed\npassword=pw1\nhost=filehost\nport=3310\n[mysql]\ndatabase=shop\n"
    )
    path.chmod(0o600)
    return path


@pytest.fixture
def local_socket(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))
        yield str(path)


def resolved(
    *words: str, known: tuple[str, ...] = (), environ: dict[str, str] | None = None
) -> Target:
    return resolve_target(parsed(*words), environ=environ or {}, sockets=known)


def test_flags_win_over_the_url_and_that_over_option_files(option_file: Path) -> None:
    file = f"--defaults-file={option_file}"
    target = resolved(file)
    assert (target.host, target.port, target.user) == ("filehost", 3310, "filed")
    assert target.password is not None
    assert target.password.reveal() == "pw1"
    assert target.database == "shop"
    url = "mysql://urled:pw%402@urlhost:3311/other"
    target = resolved(file, url)
    assert (target.host, target.port, target.user) == ("urlhost", 3311, "urled")
    assert target.password is not None
    assert target.password.reveal() == "pw@2"
    assert target.database == "other"
    target = resolved(file, url, "-hflag", "-P3312", "-uflagged", "-pw3")
    assert (target.host, target.port, target.user) == ("flag", 3312, "flagged")
    assert target.password is not None
    assert target.password.reveal() == "w3"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("host=db1", True),
        ("host=10.0.0.7\nport=3307", True),
        ("host=127.0.0.1\nport=3307", True),
        ("host=127.0.0.1", False),
        ("host=localhost\nport=3307", False),
        ("port=3307", False),
        ("user=app\npassword=x", False),
    ],
)
def test_a_host_in_an_option_file_names_the_server(lines: str, says: bool, tmp_path: Path) -> None:
    path = tmp_path / "extra.cnf"
    path.write_text(f"[client]\n{lines}\n")
    path.chmod(0o600)
    home = {"HOME": str(tmp_path)}
    assert says_where(parsed(f"--defaults-extra-file={path}"), home) is says
    path.rename(tmp_path / ".my.cnf")
    assert says_where(parsed(), home) is says


def test_a_host_in_the_environment_or_the_command_line_names_the_server() -> None:
    assert says_where(parsed(), {"MYSQL_HOST": "db1"})
    assert says_where(parsed("-P3307"), {})
    assert not says_where(parsed("-uroot"), {})


def test_what_came_out_of_a_pipe_is_known_a_second_time() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"[client]\nuser=piped\nhost=db1\n")
    os.close(writing)
    try:
        words = parsed(f"--defaults-extra-file=/dev/fd/{reading}")
        assert says_where(words, {})
        assert resolve_target(words, environ={}, sockets=()).user == "piped"
    finally:
        os.close(reading)


def test_the_origin_tells_file_and_line_and_no_secret(option_file: Path) -> None:
    origin = resolved(f"--defaults-file={option_file}", "-uflagged").origin
    assert f"host from {option_file}:4" in origin
    assert "user from --user" in origin
    assert f"password from {option_file}:3" in origin
    assert "pw1" not in origin


def test_the_environment_is_the_last_to_be_asked(option_file: Path) -> None:
    environ = {"MYSQL_HOST": "envhost", "MYSQL_TCP_PORT": "3320", "MYSQL_PWD": "envpw"}
    target = resolved(environ=environ)
    assert (target.host, target.port) == ("envhost", 3320)
    assert target.password is not None
    assert target.password.reveal() == "envpw"
    assert resolved(f"--defaults-file={option_file}", environ=environ).host == "filehost"


@pytest.mark.parametrize(
    ("words", "uses_socket"),
    [
        ((), True),
        (("-hlocalhost",), True),
        (("-P3307",), False),
        (("-hlocalhost", "-P3307"), False),
        (("-h127.0.0.1",), False),
        (("--protocol=tcp",), False),
        (("-h127.0.0.1", "--protocol=socket"), True),
        (("mysql://localhost/",), True),
        (("mysql://localhost:3307/",), False),
        (("mysql://127.0.0.1/",), False),
    ],
)
def test_socket_or_tcp_as_in_the_client(
    words: tuple[str, ...], uses_socket: bool, local_socket: str
) -> None:
    target = resolved(*words, known=("/nowhere.sock", local_socket))
    assert target.socket == (local_socket if uses_socket else None)


def test_a_port_in_an_option_file_does_not_ask_for_tcp(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\nport=3306\nsocket=/the.sock\n")
    path.chmod(0o600)
    assert resolved(f"--defaults-file={path}").socket == "/the.sock"
    assert resolved(f"--defaults-file={path}", "-P3306").socket is None
    assert resolved(f"--defaults-file={path}", "-P3306", "-S/x.sock").socket == "/x.sock"
    assert resolved(f"--defaults-file={path}", "-hdb", "-S/x.sock").socket is None


def test_tcp_where_no_socket_is_known() -> None:
    target = resolved()
    assert (target.socket, target.label) == (None, "localhost:3306")


@pytest.mark.parametrize(
    ("lines", "mode"),
    [
        ("", SslMode.PREFERRED),
        ("ssl-mode=required", SslMode.REQUIRED),
        ("ssl", SslMode.REQUIRED),
        ("ssl=0", SslMode.DISABLED),
        ("skip-ssl", SslMode.DISABLED),
        ("ssl-verify-server-cert", SslMode.VERIFY_IDENTITY),
        ("ssl-verify-server-cert=off", SslMode.PREFERRED),
        ("ssl-ca={file}", SslMode.VERIFY_CA),
        ("ssl-ca={file}\nssl-mode=REQUIRED", SslMode.REQUIRED),
    ],
)
def test_tls_of_both_families_of_clients(tmp_path: Path, lines: str, mode: SslMode) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\n" + lines.format(file=pem_files(tmp_path).cert))
    path.chmod(0o600)
    assert resolved(f"--defaults-file={path}").tls.mode is mode


def test_a_flag_overrules_the_files_mode(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\nskip-ssl\n")
    path.chmod(0o600)
    file = f"--defaults-file={path}"
    assert resolved(file, "--ssl-mode=VERIFY_CA").tls.mode is SslMode.VERIFY_CA


def test_the_prompt_is_asked_once_and_names_the_account() -> None:
    asked: list[str] = []

    def prompt(text: str) -> str:
        asked.append(text)
        return "typed"

    target = resolve_target(parsed("-p", "-umary"), prompt, environ={}, sockets=())
    assert target.password is not None
    assert target.password.reveal() == "typed"
    assert asked == ["Password of mary: "]


def test_a_bare_password_in_a_file_asks_as_well(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\npassword\n")
    path.chmod(0o600)
    words = parsed(f"--defaults-file={path}")
    target = resolve_target(words, lambda _text: "typed", environ={}, sockets=())
    assert target.password is not None
    assert target.password.reveal() == "typed"


def test_a_password_file_gives_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "pw"
    path.write_bytes("geh€im \r\nsecond\n".encode())
    target = resolved(f"--password-file={path}")
    assert target.password is not None
    assert target.password.reveal() == "geh€im "


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--defaults-file=/nope.cnf",), "/nope.cnf cannot be read"),
        (("--defaults-extra-file=/",), "the option file / is a directory"),
        (("--login-path=nope",), "there is no login path 'nope'"),
        (("--password-file=/nope",), "/nope is not read"),
        (("-p",), "use --password-file"),
        (("--protocol=SOCKET",), "give its path with --socket"),
        (("--ssl-ca=/nope.pem",), "ssl-ca: /nope.pem cannot be read"),
        (("--ssl-cert=/etc/passwd",), "both --ssl-cert and --ssl-key"),
        (("-h", "x" * 300), "(--host) is no host's name"),
        (("-h", "db..example"), "'db..example' (--host) is no host's name"),
        (("-h", "\udcff"), "(--host) is no host's name"),
        (("-h", "a\nb"), "'a b' (--host) is no host's name"),
        (("mysql://a..b/",), "'a..b' (the URL) is no host's name"),
    ],
)
def test_what_cannot_be_used_is_one_line(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolved(*words)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_port_in_a_file_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\n\nport=x\n")
    path.chmod(0o600)
    with pytest.raises(UsageError, match=rf"'x' \({path}:3\) is no port"):
        resolved(f"--defaults-file={path}")


@pytest.mark.parametrize(
    "host", ["", "127.0.0.1", "::1", "fe80::1%lo", "localhost", "db.example.", "münchen.example"]
)
def test_a_name_that_can_be_looked_up_is_taken(host: str) -> None:
    assert resolved("-h", host).host == host


@pytest.mark.parametrize("port", ["9" * 5_000, "\u0661\u0662", "65536", "1e3"])
def test_a_port_of_a_file_that_is_none_is_refused(port: str, tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text(f"[client]\nport={port}\n")
    path.chmod(0o600)
    with pytest.raises(UsageError, match="is no port: give 1 to 65535"):
        resolved(f"--defaults-file={path}")


def test_an_ignored_file_is_remarked(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\nuser=evil\n")
    path.chmod(0o666)
    remarks: list[str] = []
    words = parsed(f"--defaults-file={path}")
    target = resolve_target(words, environ={}, sockets=(), remark=remarks.append)
    assert target.user != "evil"
    assert remarks == [f"{path} is ignored: everyone may write to it"]


def test_a_login_path_outranks_option_files(option_file: Path, tmp_path: Path) -> None:
    from tests.unit.target.test_login_path import WRITTEN

    login = tmp_path / "login.cnf"
    login.write_bytes(WRITTEN)
    login.chmod(0o600)
    environ = {"MYSQL_TEST_LOGIN_FILE": str(login)}
    words = (f"--defaults-file={option_file}", "--login-path=web")
    target = resolved(*words, environ=environ)
    assert (target.host, target.port, target.user) == ("db.example", 3307, "web app")
    assert resolved(*words, "-uflagged", environ=environ).user == "flagged"


@pytest.mark.skipif(os.geteuid() != 0, reason="the rule is root's")
def test_root_is_root_by_default() -> None:
    assert resolved(environ={"USER": "mary"}).user == "root"


@pytest.mark.parametrize("name", ["user", "password", "host", "database", "socket"])
def test_a_nul_in_a_value_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "my.cnf"
    path.write_text(f"[client]\nport=3306\n{name}=s\0ecret\n")
    path.chmod(0o600)
    with pytest.raises(UsageError, match=rf"{name} \({path}:3\) holds a NUL byte") as caught:
        resolved(f"--defaults-file={path}")
    assert "ecret" not in str(caught.value)


def test_a_nul_in_a_password_file_or_a_url_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"a\0b\n")
    with pytest.raises(UsageError, match="holds a NUL byte"):
        resolved("-u", "app", f"--password-file={path}")
    for text in ("a%00b@db", "a:b%00@db", "a@db/x%00"):
        with pytest.raises(UrlError, match="holds a NUL byte"):
            parse_url(f"mysql://{text}")


def test_a_nul_that_nothing_reads_is_remarked_once(tmp_path: Path) -> None:
    path = tmp_path / "my.cnf"
    path.write_text("[client]\nuser=app\n[mysqld]\nx=a\0b\ny=\0\n")
    path.chmod(0o600)
    remarks: list[str] = []
    words = parsed(f"--defaults-file={path}")
    resolve_target(words, environ={}, sockets=(), remark=remarks.append)
    assert remarks == [f"{path}:4 holds a NUL byte: is the file UTF-16, or damaged?"]
