"""What an operator names is read in bounds, and one line says why it cannot be used."""

import os
import pty
import threading
from pathlib import Path

import pytest

from tests.unit.safety.test_hostile_files import in_time
from tests.unit.target.pem import pem_files
from tests.unit.target.test_flags import parsed
from wizard.safety.errors import UsageError
from wizard.target import given_file
from wizard.target.model import SslMode, Target, Tls
from wizard.target.resolve import resolve_target, says_where

TLS_OPTIONS = ("ssl-ca", "ssl-cert", "ssl-key", "server-public-key-path")


@pytest.fixture(autouse=True)
def _no_system_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wizard.target.option_files.SYSTEM_FILES", ())
    monkeypatch.setattr(given_file, "PATIENCE", 0.5)


def resolved(*words: str) -> Target:
    return resolve_target(parsed(*words), environ={}, sockets=())


def refusal(*words: str) -> str:
    with pytest.raises(UsageError) as caught:
        resolved(*words)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def written_to(pipe: Path, text: str) -> threading.Thread:
    """A pipe with a program at its other end, as `<(command)` is."""
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(text))
    writer.start()
    return writer


def test_a_pipe_is_read_as_a_password_file_and_as_an_option_file(tmp_path: Path) -> None:
    secret, options = tmp_path / "secret", tmp_path / "options"
    writers = [written_to(secret, "hunter2\n"), written_to(options, "[client]\nuser=piped\n")]
    target = resolved(f"--password-file={secret}", f"--defaults-file={options}")
    for writer in writers:
        writer.join(10)
    assert target.user == "piped"
    assert target.password is not None
    assert target.password.reveal() == "hunter2"


def test_what_was_written_before_the_pipe_was_opened_is_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    held = os.open(pipe, os.O_RDWR)
    os.write(held, b"hunter2")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.close(held)
    try:
        assert given_file.read_given(Path(f"/dev/fd/{reader}"), 100) == b"hunter2"
    finally:
        os.close(reader)


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for option in ("--password-file", "--defaults-file", "--defaults-extra-file"):
        assert "nothing came out of it" in refusal(f"{option}={pipe}")


@pytest.mark.parametrize("option", ["--password-file", "--defaults-file"])
def test_a_wait_for_a_pipe_is_told_once_while_it_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(given_file, "PATIENCE", 60.0)
    monkeypatch.setattr(given_file, "_SOON", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told: list[str] = []
    writers: list[threading.Thread] = []

    def writes_once_it_is_told(text: str) -> None:
        told.append(text)
        writers.append(threading.Thread(target=lambda: pipe.write_text("[client]\nuser=piped\n")))
        writers[-1].start()

    resolve_target(
        parsed(f"{option}={pipe}"), environ={}, sockets=(), remark=writes_once_it_is_told
    )
    for writer in writers:
        writer.join(10)
    assert len(told) == 1
    assert f"{pipe} is a pipe to which nobody has written yet" in told[0]


def test_who_asks_first_where_the_server_is_tells_of_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(given_file, "_SOON", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told: list[str] = []
    with pytest.raises(UsageError, match="nothing came out of it"):
        says_where(parsed(f"--defaults-extra-file={pipe}"), {}, told.append)
    assert len(told) == 1


def test_a_device_without_an_end_of_its_own_is_no_pipe() -> None:
    """/dev/null is an empty password; a terminal gives what is typed, up to its Ctrl-D."""
    in_time(lambda: given_file.read_given(Path("/dev/null"), 100))
    master, terminal = pty.openpty()
    try:
        os.write(master, b"hunter2\n\x04")
        typed = given_file.read_given(Path(os.ttyname(terminal)), 100)
        os.write(master, b"\x04")
        nothing = given_file.read_given(Path(os.ttyname(terminal)), 100)
    finally:
        os.close(master)
        os.close(terminal)
    assert (typed, nothing) == (b"hunter2\n", b"")


@pytest.mark.parametrize("option", TLS_OPTIONS)
@pytest.mark.parametrize("kind", ["pipe", "folder", "empty", "other", "device"])
def test_what_holds_no_certificate_or_key_is_no_fault_of_the_servers(
    tmp_path: Path, option: str, kind: str
) -> None:
    files = pem_files(tmp_path / "pem")
    good = {"ssl-cert": files.cert, "ssl-key": files.key}
    path = Path("/dev/zero") if kind == "device" else tmp_path / kind
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "device":
        path.write_text("" if kind == "empty" else "-----BEGIN NOTHING-----")
    given = {**(good if option in good else {}), option: path}
    told = refusal(*(f"--{name}={value}" for name, value in given.items()))
    assert f"{option}: {path}" in told
    assert "PEM form" in told


def test_a_key_is_read_without_asking_and_has_to_be_the_certificates(tmp_path: Path) -> None:
    mine, other = pem_files(tmp_path / "mine"), pem_files(tmp_path / "other")
    assert resolved(f"--ssl-ca={mine.cert}", f"--server-public-key-path={mine.public}")
    assert resolved(f"--ssl-cert={mine.cert}", f"--ssl-key={mine.key}")
    assert "passphrase" in refusal(f"--ssl-cert={mine.cert}", f"--ssl-key={mine.locked}")
    assert "do not go together" in refusal(f"--ssl-cert={mine.cert}", f"--ssl-key={other.key}")
    hollow = tmp_path / "hollow.pem"
    hollow.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    assert "no certificate that can be used" in refusal(f"--ssl-ca={hollow}")


def test_what_tls_would_use_is_not_asked_for_where_there_is_none(tmp_path: Path) -> None:
    """As the mysql client has it: an option file's key may be locked, and nobody needs it."""
    mine = pem_files(tmp_path / "mine")
    files = (f"--ssl-ca={mine.public}", f"--ssl-cert={mine.cert}", f"--ssl-key={mine.locked}")
    assert resolved("--ssl-mode=DISABLED", *files).tls.mode is SslMode.DISABLED
    assert "PEM form" in refusal("--ssl-mode=PREFERRED", *files)
    assert "PEM form" in refusal("--ssl-mode=DISABLED", f"--server-public-key-path={mine.cert}")
    anothers, lone = f"--ssl-key={tmp_path / 'gone.pem'}", f"--ssl-cert={mine.cert}"
    for off in ((lone,), (lone, anothers), (f"--ssl-ca={tmp_path / 'gone.pem'}",)):
        assert resolved("--ssl-mode=DISABLED", *off).tls == Tls(SslMode.DISABLED)
    assert "cannot be read" in refusal("--ssl-mode=PREFERRED", lone, anothers)
