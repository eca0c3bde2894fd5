"""Files that were made to hurt: bounded in time and memory, and told in one line."""

import bz2
import gzip
import lzma
import os
import threading
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from backports import zstd

from wizard.case.window import parse_window
from wizard.cli import main
from wizard.commands.check import require_free
from wizard.hosts.local.unpack import UnpackedFile
from wizard.hosts.protocol import HostError
from wizard.hosts.ssh.config import SshFiles, settings_for
from wizard.logs.application.read import scan_application_log
from wizard.safety.errors import UsageError
from wizard.safety.private_file import CannotWriteError
from wizard.target.flags import TargetArguments, TargetParser, add_target_arguments
from wizard.target.model import SshPlace
from wizard.target.option_files import client_options
from wizard.target.resolve import resolve_target

NOW = datetime(2026, 8, 5, 13, 0, tzinfo=UTC)
GONE = b"2026-08-05 13:00:00 SQLSTATE[HY000]: General error: 2006 MySQL server has gone away\n"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, bytes])
def test_an_application_log_is_read_by_its_first_bytes(tmp_path: Path, pack: object) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(pack(GONE * 50))  # type: ignore[operator]
    scan = scan_application_log(log)
    assert scan.total >= 1
    assert scan.truncated == ""


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_log_that_is_cut_is_said_to_be(tmp_path: Path, pack: object) -> None:
    noise = b"".join(b"%d %s\n" % (i, os.urandom(40).hex().encode()) for i in range(20_000))
    packed = pack(GONE * 50 + noise)  # type: ignore[operator]
    log = tmp_path / "app.log"
    log.write_bytes(packed[: len(packed) * 2 // 3])
    assert "reading stopped at line" in scan_application_log(log).truncated


@pytest.mark.parametrize("magic", [b"7z\xbc\xaf\x27\x1c", b"PK\x03\x04", b"\x04\x22\x4d\x18"])
def test_what_cannot_be_unpacked_is_told(tmp_path: Path, magic: bytes) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(magic + b"x" * 100)
    with pytest.raises(HostError, match="unpack it first"):
        scan_application_log(log)


def test_one_long_line_costs_neither_memory_nor_time(tmp_path: Path) -> None:
    packed = tmp_path / "error.log.gz"
    with gzip.open(packed, "wb", compresslevel=1) as file:
        file.write(b"2026-08-05 13:00:00 first\n")
        for _ in range(200):
            file.write(b"x" * (1 << 20))
    tracemalloc.start()
    began = time.monotonic()
    cells = UnpackedFile(packed, "gzip -dc").cells(lambda: None)
    seconds = time.monotonic() - began
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cells.size == 26 + (200 << 20)
    assert cells.lines == ((0, b"2026-08-05 13:00:00 first"),)
    assert peak < 20 << 20
    assert seconds < 60


def test_the_times_of_a_packed_log_lie_where_they_are(tmp_path: Path) -> None:
    lines = [f"2026-08-05 13:{i // 60 % 60:02}:{i % 60:02} {'y' * 300}\n" for i in range(3000)]
    packed = tmp_path / "error.log.gz"
    packed.write_bytes(gzip.compress("".join(lines).encode()))
    whole = "".join(lines).encode()
    cells = UnpackedFile(packed, "gzip -dc").cells(lambda: None)
    assert cells.size == len(whole)
    assert len(cells.lines) >= 3
    for offset, line in cells.lines:
        assert whole[offset:].startswith(line)
        assert offset == 0 or whole[offset - 1 : offset] == b"\n"


def in_time(work: object) -> None:
    """Run `work` in a thread that may hang, and fail where it does."""
    done = threading.Thread(target=work, daemon=True)  # type: ignore[arg-type]
    done.start()
    done.join(60)
    assert not done.is_alive(), "it waits for ever"


def test_an_option_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "my.cnf"
    os.mkfifo(pipe)
    remarks: list[str] = []
    in_time(lambda: remarks.extend(client_options((pipe,)).remarks))
    assert "no regular file" in remarks[0]


@pytest.mark.parametrize("line", ["!include /etc/\0x", "!includedir /etc/\0x"])
def test_a_null_byte_in_an_option_file_is_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "my.cnf"
    file.write_text(f"{line}\n[client]\nuser=app\n")
    file.chmod(0o600)
    options = client_options((file,))
    assert "path" in " ".join(options.remarks)
    assert options.text("user") == "app"


def test_ssh_files_that_include_each_other_end(tmp_path: Path) -> None:
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    for number in range(12):
        (ssh / f"c{number}.conf").write_text("Include ~/.ssh/*.conf\nInclude ~/.ssh/*.conf\n")
    (ssh / "config").write_text(
        "Include ~/.ssh/config\nInclude ~/.ssh/*.conf\nHost db\n  Port 2222\n"
    )
    found: list[int] = []
    files = SshFiles(tmp_path, tmp_path / "none", ())
    in_time(lambda: found.append(settings_for(SshPlace("db"), files).port))
    assert found == [2222]


def test_an_ssh_configuration_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / ".ssh").mkdir()
    os.mkfifo(tmp_path / ".ssh" / "config")
    found: list[int] = []
    files = SshFiles(tmp_path, tmp_path / "none", ())
    in_time(lambda: found.append(settings_for(SshPlace("db"), files).port))
    assert found == [22]


@pytest.mark.parametrize(
    "when",
    ["0001-01-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31",
     "1969-12-31"],
)  # fmt: skip
def test_a_time_beyond_every_calendar_is_wrong_usage(when: str) -> None:
    for since, until in ((when, None), (None, when)):
        with pytest.raises(ValueError, match="beyond any calendar") as told:
            parse_window(since, until, NOW)
        assert "--" in str(told.value)


def test_the_home_of_nobody_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = TargetParser()
    add_target_arguments(parser)
    for flag in ("--error-log", "--app-log", "--password-file", "--defaults-file", "--ssl-ca"):
        with pytest.raises(SystemExit) as ended:
            parser.parse_args([flag, "~nosuch-account/x"])
        assert ended.value.code == 2
        assert "names a home that does not exist" in capsys.readouterr().err
    file = tmp_path / "my.cnf"
    file.write_text("[client]\nssl-ca=~nosuch-account/ca.pem\n")
    file.chmod(0o600)
    with pytest.raises(UsageError, match="cannot be read"):
        resolve_target(TargetArguments(defaults_file=file), environ={})


def test_an_answer_that_could_not_be_kept_is_told_before_anything_is_looked_at(
    tmp_path: Path,
) -> None:
    taken = tmp_path / "report.txt"
    taken.write_text("mine")
    for path, why in (
        (taken, "exists already"),
        (tmp_path / "no" / "x", "no such directory"),
        (tmp_path, "is a directory"),
    ):
        with pytest.raises(CannotWriteError, match=why):
            require_free(path)
    require_free(tmp_path / "new.txt")
    require_free(None)
    assert not (tmp_path / "new.txt").exists()


@pytest.mark.parametrize("words", [("watch", "--metrics"), ("fleet", "-i")])
@pytest.mark.parametrize("device", [True, False])
def test_a_pipe_or_a_device_is_wrong_usage_where_a_file_is_wanted(
    words: tuple[str, str], device: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = "/dev/zero" if device else str(pipe)
    ended: list[int] = []
    in_time(lambda: ended.append(main([*words, path])))
    assert ended == [2]
    assert f"{path} is no regular file" in capsys.readouterr().err


@pytest.mark.parametrize("zone", ["UTC+99", "XYZ-25:99:99", "UTC+24"])
def test_a_zone_that_no_time_can_be_told_in_is_wrong_usage(
    zone: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        with monkeypatch.context() as patched:
            patched.setenv("TZ", zone)
            time.tzset()
            assert main(["explain", "2006"]) == 2
    finally:
        time.tzset()
    assert "TZ=UTC" in capsys.readouterr().err
