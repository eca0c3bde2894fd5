"""General and slow logs are read where they lie: the same is found as by reading them here."""

import gzip
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.benches.planted import END, Planted, general_log, slow_log
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.pythons import commands, oldest
from tests.servers.sshd.readers import readers
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError, NotFound
from wizard.hosts.remote.host import SshHost
from wizard.hosts.remote.python_there import SECONDS
from wizard.hosts.ssh import command
from wizard.logs.engine import older_parts, window_part
from wizard.logs.general.read import GeneralReading, read_general_logs
from wizard.logs.kind import LogKind
from wizard.logs.slow.read import read_slow_logs
from wizard.logs.source import ask
from wizard.logs.source.ask import read_at_source
from wizard.logs.understood import head_of, why_not
from wizard.units import duration

EVER = Window(END - timedelta(days=300), END + timedelta(days=300))
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Kind:
    """How a log is planted, read, and what its reading counts."""

    plant: Callable[[Path, int, bool], Planted]
    reader: Callable[..., Any]
    statements: Callable[[Any], int]


def _general(reading: GeneralReading) -> int:
    return sum(session.statements for session in reading.work.sessions)


GENERAL = Kind(general_log, read_general_logs, _general)
SLOW = Kind(slow_log, read_slow_logs, lambda reading: reading.digest.entries)
KINDS = pytest.mark.parametrize("kind", [GENERAL, SLOW], ids=["general", "slow"])


@dataclass(frozen=True)
class Far:
    """Both accounts of one machine: root's, and one that may read little."""

    host: SshHost
    operator: SshHost
    has_python: bool


@pytest.fixture(scope="module", params=["python", "none"])
def far(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Far]:
    """With the oldest Python at hand, and with none."""
    client = ClientHome(tmp_path_factory.mktemp("client"))
    python = oldest() if request.param == "python" else ""
    path = commands(tmp_path_factory.mktemp("commands") / "bin", python)
    daemon = SshDaemon(
        tmp_path_factory.mktemp("sshd"), {"SetEnv": f"PATH={path}"}, authorized=(client.key(),)
    )
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        found = Far(client.host(daemon), client.host(daemon, OPERATOR), bool(python))
        stack.callback(found.host.close)
        stack.callback(found.operator.close)
        yield found


def rotated(kind: Kind, directory: Path, mysql: bool) -> tuple[Path, Planted]:
    """A log whose first half is in `.1`, and an older, packed one beside it."""
    path = directory / "host.log"
    planted = kind.plant(path, MEBIBYTE, mysql)
    data = path.read_bytes()
    middle = data.index(b"\n", len(data) // 2) + 1
    while not data.startswith((b"2", b"# Time: "), middle):  # where an entry with its time begins
        middle = data.index(b"\n", middle) + 1
    (directory / "host.log.1").write_bytes(data[:middle])
    (directory / "host.log.2.gz").write_bytes(gzip.compress(b""))
    path.write_bytes(data[middle:])
    for name in ("host.log", "host.log.1", "host.log.2.gz"):
        os.utime(directory / name, (END.timestamp(), END.timestamp()))
    return path, planted


@KINDS
@pytest.mark.parametrize("mysql", [False, True], ids=["mariadb", "mysql"])
def test_the_same_is_found_there_and_little_crosses(
    far: Far, tmp_path: Path, kind: Kind, mysql: bool
) -> None:
    path, planted = rotated(kind, tmp_path, mysql)
    far.host.run(("true",))
    before, asked = sum(far.host.link.bytes_crossed), far.host.link.commands
    theirs = read_at_source(kind.reader, far.host, str(path), EVER, UTC)
    crossed = sum(far.host.link.bytes_crossed) - before
    assert theirs == kind.reader(LocalHost(), str(path), EVER, UTC)
    assert kind.statements(theirs) == planted.statements
    assert len(theirs.remarks) == 2
    assert not theirs.cuts
    if far.has_python:
        assert far.host.link.commands - asked == 1
        assert crossed < 150_000


@KINDS
def test_all_of_a_window_is_read_there_and_what_would_have_to_be_fetched_is_said(
    far: Far, tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = kind.plant(path := tmp_path / "host.log", MEBIBYTE, True)
    for module in (window_part, older_parts):
        monkeypatch.setattr(module, "MOST_FETCHED", MEBIBYTE // 2)
    found = read_at_source(kind.reader, far.host, str(path), EVER, UTC)
    if far.has_python:
        assert kind.statements(found) == planted.statements
        assert found.cuts == ()
    else:
        assert 0 < kind.statements(found) < planted.statements
        assert "only the newest" in found.cuts[0]
        assert "Python" in found.cuts[0]


@KINDS
def test_a_log_that_may_not_be_read_or_is_none_is_said(
    far: Far, tmp_path: Path, kind: Kind
) -> None:
    kind.plant(path := tmp_path / "host.log", 1 << 10, False)
    path.chmod(0o600)
    with pytest.raises(HostError, match=str(path)):
        read_at_source(kind.reader, far.operator, str(path), EVER, UTC)
    with pytest.raises(NotFound, match=r"gone\.log"):
        read_at_source(kind.reader, far.host, str(tmp_path / "gone.log"), EVER, UTC)


@KINDS
@pytest.mark.parametrize("name", ["other.log", "other.log.gz", "other"])
def test_a_log_of_another_kind_is_not_understood_there_either(
    far: Far, tmp_path: Path, kind: Kind, name: str
) -> None:
    other = SLOW if kind is GENERAL else GENERAL
    other.plant(plain := tmp_path / "plain.log", 1 << 16, True)
    data = plain.read_bytes()
    (path := tmp_path / name).write_bytes(data if name == "other.log" else gzip.compress(data))
    assert read_at_source(kind.reader, far.host, str(path), EVER, UTC).understood is False
    assert read_at_source(other.reader, far.host, str(path), EVER, UTC).understood is True
    told = why_not(name, LogKind.GENERAL, head_of(far.host, str(path)))
    assert ("looks like a slow log" in told) == (other is SLOW)


@KINDS
def test_a_log_that_grows_and_is_rotated_meanwhile_is_read_as_it_was(
    far: Far, tmp_path: Path, kind: Kind
) -> None:
    if not far.has_python:
        pytest.skip("nothing runs there")
    planted = kind.plant(path := tmp_path / "host.log", 4 * MEBIBYTE, True)
    more = path.read_bytes()[-(1 << 16) :].split(b"\n", 1)[1]

    def disturb() -> None:
        limit = time.monotonic() + 60
        while not readers(path) and time.monotonic() < limit:
            time.sleep(0.005)
        with path.open("ab") as log:
            log.write(more)
        path.rename(tmp_path / "host.log.1")
        path.write_bytes(more)

    thread = threading.Thread(target=disturb)
    thread.start()
    found = read_at_source(kind.reader, far.host, str(path), EVER, UTC)
    thread.join()
    assert kind.statements(found) >= planted.statements
    assert not found.cuts


@KINDS
def test_a_reading_that_is_stopped_ends_there_too(far: Far, tmp_path: Path, kind: Kind) -> None:
    if not far.has_python:
        pytest.skip("nothing runs there")
    kind.plant(path := tmp_path / "host.log", 8 * MEBIBYTE, True)
    for _ in range(3):
        with path.open("ab") as log:
            log.write(path.read_bytes())
    stopped = far.host.link.stopped
    far.host.link.stopped = lambda: bool(readers(path))
    try:
        with pytest.raises(HostError):
            read_at_source(kind.reader, far.host, str(path), EVER, UTC)
    finally:
        far.host.link.stopped = stopped
    limit = time.monotonic() + 60
    while readers(path):
        assert time.monotonic() < limit, "the log is still read there"
        time.sleep(0.05)


class HurriedClock:
    """Time that goes by as told: `ahead` are the seconds that the next looks at it add."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gone = 0.0
        self.ahead: list[float] = []
        monkeypatch.setattr(
            command, "time", SimpleNamespace(monotonic=self.monotonic, sleep=time.sleep)
        )

    def monotonic(self) -> float:
        self.gone += self.ahead.pop(0) if self.ahead else 0.0
        return time.monotonic() + self.gone


_TELLS = "import sys; sys.stderr.write('\\x01%d of 5\\n'); sys.stderr.flush()"


def test_a_reading_there_has_all_the_time_that_it_takes_as_long_as_it_goes_on(
    far: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not far.has_python:
        pytest.skip("nothing runs there")
    (path := tmp_path / "host.log").write_bytes(b"")
    clock, heard = HurriedClock(monkeypatch), list[str]()

    def say(text: str) -> None:
        heard.append(text)
        clock.gone += SECONDS * 0.9

    code = "\n".join([*(_TELLS % n for n in range(5)), "sys.stdout.write('the answer')"])
    assert far.host.run_python(path, code, b"", say) == b"the answer"
    assert heard == [f"{n} of 5" for n in range(5)]


@KINDS
def test_a_reading_there_that_comes_to_no_end_says_why_and_is_done_from_here(
    far: Far, tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not far.has_python:
        pytest.skip("nothing runs there")
    planted = kind.plant(path := tmp_path / "host.log", 1 << 17, True)
    clock = HurriedClock(monkeypatch)

    def say(_: str) -> None:
        clock.ahead = [0.0, SECONDS + 1]

    waits = f"{_TELLS % 1}; sys.stdin.buffer.read()"
    fails = "import sys; sys.exit('there is no zlib')"
    for program, why in (
        (waits, f"went no further for {duration(SECONDS)}"),
        (fails, "exit code 1 (there is no zlib)"),
    ):
        monkeypatch.setattr(ask, "LOADER", program)
        found = read_at_source(kind.reader, far.host, str(path), EVER, UTC, say=say)
        assert kind.statements(found) == planted.statements
        assert why in found.remarks[0]
        assert str(path) in found.remarks[0]
