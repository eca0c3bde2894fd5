"""Logs are sought and sifted where they lie: the same is found as by reading all of it here."""

import gzip
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import signatures
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon, busybox_tree
from tests.servers.sshd.pythons import commands, oldest
from tests.servers.sshd.readers import readers
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import HostError
from wizard.hosts.remote.host import SshHost
from wizard.hosts.sifting import Sifted, Stretch, Wanted
from wizard.logs.error import in_place
from wizard.logs.error.life_evidence import life_evidence
from wizard.logs.error.places import ContainerLog
from wizard.logs.error.read_log import read_file
from wizard.logs.error.reading import Reading
from wizard.logs.error.scan_model import LinePlace, LogEvent, Scan
from wizard.logs.error.session_evidence import session_evidence
from wizard.logs.error.streams import read_output

DATA = Path(__file__).parents[1] / "data" / "error-log"
START = datetime(2026, 11, 23, tzinfo=UTC)
EVER = Window(START - timedelta(days=300), START + timedelta(days=300))


@pytest.fixture(scope="module", params=["python", "shell", "busybox"])
def host(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SshHost]:
    """With the oldest Python at hand, and without any: shell of Debian and of BusyBox."""
    client = ClientHome(tmp_path_factory.mktemp("client"))
    tree = busybox_tree(tmp_path_factory.mktemp("tree")) if request.param == "busybox" else None
    python = oldest() if request.param == "python" else ""
    path = commands(tmp_path_factory.mktemp("commands") / "bin", python)
    options = {} if tree else {"SetEnv": f"PATH={path}"}
    daemon = SshDaemon(
        tmp_path_factory.mktemp("sshd"), options, authorized=(client.key(),), chroot=tree
    )
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        seen = client.host(daemon)
        stack.callback(seen.close)
        yield seen


@pytest.fixture
def shared() -> Iterator[Path]:
    """A directory that both sides see: /dev/shm is the machine's own in the BusyBox tree."""
    path = Path(tempfile.mkdtemp(prefix="goneaway-logs-", dir="/dev/shm"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


def stamp(seconds: float) -> str:
    at = START + timedelta(seconds=seconds)
    return f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S}"


def session(number: int, seconds: float, reason: str = "Got timeout reading") -> str:
    return (
        f"{stamp(seconds)} {number} [Warning] Aborted connection {number} to db: 'shop' user: "
        f"'app' host: '10.0.0.{number % 250}' ({reason} communication packets)"
    )


def start(seconds: float, pid: int = 4711) -> str:
    return f"{stamp(seconds)} 0 [Note] Starting MariaDB 10.11.19-MariaDB as process {pid}"


def note(seconds: float) -> str:
    return f"{stamp(seconds)} 9 [Note] something ordinary that is logged quite often here"


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def same(theirs: Reading, ours: Reading) -> None:
    """Equal but for the byte of a line whose number is known, which only one side counts."""
    for one, other in zip(theirs.scan.marks, ours.scan.marks, strict=True):
        assert one == other
    assert _without_bytes(theirs.scan) == _without_bytes(ours.scan)
    assert theirs.life == ours.life
    assert theirs.begins == ours.begins
    assert theirs.to_its_end == ours.to_its_end
    assert theirs.cuts == ours.cuts
    assert session_evidence(theirs) == session_evidence(ours)


def exact(reading: Reading) -> object:
    """All of it, with what the comparison of two tallies leaves out."""
    more = [(t.minutes, t.accounts, t.places) for t in reading.scan.tallies]
    return reading, more


def has_python(host: SshHost) -> bool:
    return host.run(("sh", "-c", "command -v python3 || true")).stdout != ""


def _without_bytes(scan: Scan) -> Scan:
    def event(told: LogEvent) -> LogEvent:
        return replace(told, place=_place(told.place))

    tallies = tuple(replace(t, events=tuple(map(event, t.events))) for t in scan.tallies)
    return replace(scan, tallies=tallies, last_place=scan.last_place and _place(scan.last_place))


def _place(place: LinePlace) -> LinePlace:
    return place if place.line is None else replace(place, offset=0)


def around(data: bytes) -> list[Window]:
    """The whole log, and from and to each third of its times."""
    words = [line[:19].decode("ascii", "replace") for line in data.split(b"\n")]
    times = []
    for word in words:
        try:
            times.append(datetime.fromisoformat(word.replace("  ", " 0")).replace(tzinfo=UTC))
        except ValueError:
            continue
    cuts = [times[len(times) // 3], times[2 * len(times) // 3]]
    return [
        EVER,
        Window(cuts[0], EVER.until),
        Window(EVER.since, cuts[1]),
        Window(cuts[0], cuts[1]),
    ]


@pytest.mark.parametrize("name", sorted(p.name for p in DATA.iterdir()))
def test_recorded_logs_say_the_same(host: SshHost, shared: Path, name: str) -> None:
    path = shared / name
    path.write_bytes((DATA / name).read_bytes())
    for window in around(path.read_bytes()):
        theirs = read_file(host, str(path), window, UTC)
        ours = read_file(LocalHost(), str(path), window, UTC)
        same(theirs, ours)
        assert life_evidence(theirs, window, False) == life_evidence(ours, window, False)
        assert theirs.remarks == ours.remarks == ()


def test_a_window_of_noise_is_counted_there_and_little_crosses(host: SshHost, shared: Path) -> None:
    lines = [start(0)]
    for number in range(1, 60_000):
        lines.append(session(number, number / 10))
        if number % 9000 == 0:
            lines += [session(number, number / 10, "Got an error reading"), start(number / 10)]
    path = write(shared / "error.log", *lines)
    size = path.stat().st_size
    window = Window(START + timedelta(seconds=1), EVER.until)
    host.stat(path)
    before, commands = host.link.bytes_crossed, host.link.commands
    theirs = read_file(host, str(path), window, UTC)
    crossed = sum(host.link.bytes_crossed) - sum(before)
    asked = host.link.commands - commands
    ours = read_file(LocalHost(), str(path), window, UTC)
    same(theirs, ours)
    counts = {t.signature.id: t.count for t in theirs.scan.tallies}
    assert counts["aborted-timeout"] == 59_990
    assert size > 8 << 20
    assert crossed < 400_000
    if has_python(host):
        assert asked == 1
        assert exact(theirs) == exact(ours)
    else:
        assert asked <= 12
        assert any("are counted, and stayed on the host" in remark for remark in theirs.remarks)


def test_a_window_far_into_a_log_costs_the_window(host: SshHost, shared: Path) -> None:
    """The server's last start lies before it, and 16 MiB back is not all of the log."""
    lines = [start(0)] + [note(n / 20) for n in range(300_000)]
    lines[200_000] = start(10_000, 4712)
    lines += [session(n, 15_000 + n) for n in range(5)]
    path = write(shared / "error.log", *lines)
    window = Window(START + timedelta(seconds=14_990), EVER.until)
    before = host.link.bytes_crossed
    theirs = read_file(host, str(path), window, UTC)
    crossed = sum(host.link.bytes_crossed) - sum(before)
    ours = read_file(LocalHost(), str(path), window, UTC)
    same(theirs, ours)
    assert [run.pid for run in theirs.life.runs] == [4712]
    assert crossed < 200_000
    assert path.stat().st_size > 20 << 20


def test_a_window_in_pieces_is_the_same_window(
    host: SshHost, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines of one kind are as many as before; only their numbers are not known."""
    if has_python(host):
        pytest.skip("Python reads all of it at once")
    lines = [start(0), *(session(n, n / 10) for n in range(1, 40_000)), start(9000, 4712)]
    path = write(shared / "error.log", *lines)
    window = Window(START + timedelta(seconds=1), EVER.until)
    whole = read_file(host, str(path), window, UTC)
    monkeypatch.setattr(in_place, "PIECE", 1 << 20)
    before = host.link.bytes_crossed
    pieces = read_file(host, str(path), window, UTC)
    assert sum(host.link.bytes_crossed) - sum(before) < 600_000
    assert [(t.signature.id, t.count, t.first, t.last) for t in pieces.scan.tallies] == [
        (t.signature.id, t.count, t.first, t.last) for t in whole.scan.tallies
    ]
    assert (pieces.scan.lines, pieces.scan.bytes_scanned) == (
        whole.scan.lines,
        whole.scan.bytes_scanned,
    )
    assert [r.pid for r in pieces.life.runs] == [r.pid for r in whole.life.runs] == [4711, 4712]
    answers = iter([False, True])
    sift = host.sift

    def fails_then(stretch: Stretch, wanted: Wanted) -> Sifted:
        if next(answers):
            raise HostError("gave no answer within 90 s")
        return sift(stretch, wanted)

    with monkeypatch.context() as patched:
        patched.setattr(host, "sift", fails_then)
        part = read_file(host, str(path), window, UTC)
    assert sum(t.count for t in part.scan.tallies) < 10_000
    assert any("only the newest" in r and "no answer within 90 s" in r for r in part.cuts)
    monkeypatch.setattr(in_place, "PICKING_SECONDS", 0.0)
    cut = read_file(host, str(path), window, UTC)
    assert sum(t.count for t in cut.scan.tallies) < 10_000
    assert any("only the newest part of the window was read" in r for r in cut.cuts)


def test_odd_lines_do_not_disturb(host: SshHost, shared: Path) -> None:
    """No stamps, no newline at the end, bytes of no encoding, zero bytes, lines without end."""
    path = shared / "error.log"
    body = [
        b"-- \n--\n",
        note(1).encode() + b"\n",
        b"\xff\xfe broken \x80\n" * 3,
        b"x" * 300_000 + b"\n",
        session(7, 2).encode() + b"\r\n",
        b"12:34:e:h:c:n: [ERROR] Received \xe2\x80\n",
        (session(8, 3) + " " * 5000).encode() + b"\n",
        session(9, 4).encode(),
    ]
    path.write_bytes(b"".join(body))
    theirs = read_file(host, str(path), EVER, UTC)
    same(theirs, read_file(LocalHost(), str(path), EVER, UTC))
    # The reason of the long line is out of sight.
    counted = {t.signature.id: t.count for t in theirs.scan.tallies}
    assert counted == {"aborted-timeout": 2, "aborted-unknown": 1}
    path.write_bytes(b"")
    same(read_file(host, str(path), EVER, UTC), read_file(LocalHost(), str(path), EVER, UTC))
    path = shared / "zero.log"
    path.write_bytes(b"\0" * 100_000 + b"".join(body))
    counts = {t.signature.id: t.count for t in read_file(host, str(path), EVER, UTC).scan.tallies}
    assert counts == {"aborted-timeout": 2, "aborted-unknown": 1}


def test_every_line_that_is_known_is_picked(host: SshHost, shared: Path) -> None:
    """The knowledge base's own examples; where a reason is cut within a character, its bytes."""
    lines = [line for known in signatures("error-log") for line in known.matches]
    path = shared / "error.log"
    path.write_bytes("\n".join(lines).encode().replace("\ufffd".encode(), b"\xe0\xa4"))
    theirs = read_file(host, str(path), EVER, UTC)
    same(theirs, read_file(LocalHost(), str(path), EVER, UTC))
    assert b"\xe0\xa4" in path.read_bytes()
    assert sum(t.count for t in theirs.scan.tallies) >= len(lines) * 0.9


@pytest.mark.parametrize("suffix", [".1", "-20261123", ".1.gz", "-20261123.gz", ".1.xz", ".1.bz2"])
def test_rotated_logs_are_read_where_the_window_begins_in_them(
    host: SshHost, shared: Path, suffix: str
) -> None:
    path = write(shared / "error.log", *(session(n, 40_000 + n) for n in range(10)))
    lines = [start(0), *(note(n) for n in range(20_000)), session(77, 20_000)]
    older = write(shared / f"error.log{suffix.removesuffix('.gz')}", *lines)
    for packer in ("gzip", "xz", "bzip2"):
        if {"gzip": ".gz", "xz": ".xz", "bzip2": ".bz2"}[packer] == Path(suffix).suffix:
            write(plain := shared / "plain", *lines)
            with (shared / f"error.log{suffix}").open("wb") as packed:
                subprocess.run([packer, "-c", str(plain)], stdout=packed, check=True)
            if packer == "gzip":
                older.unlink()
    os.utime(shared / f"error.log{suffix}", (time.time(),) * 2)
    window = Window(START + timedelta(seconds=15_000), EVER.until)
    ours = read_file(LocalHost(), str(path), window, UTC)
    theirs = read_file(host, str(path), window, UTC)
    same(theirs, ours)
    assert [t.count for t in ours.scan.tallies if t.signature.id == "aborted-timeout"] == [11]
    assert [run.pid for run in ours.life.runs] == [4711]
    assert any(f"error.log{suffix} was read too" in remark for remark in theirs.remarks)
    assert ours.remarks == theirs.remarks


def test_only_rotated_logs_of_the_window_are_touched(host: SshHost, shared: Path) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    path = write(shared / "mysqld.log", "nothing with a time")
    for number in (1, 2, 3):
        packed = shared / f"mysqld.log.{number}.gz"
        packed.write_bytes(gzip.compress(f"{note(10 - number)}\n".encode()))
        os.utime(packed, (since.timestamp() + 1000 - 600 * number,) * 2)
    window = Window(since, since + timedelta(hours=2))
    for reader in (host, LocalHost()):
        told = read_file(reader, str(path), window, UTC)
        assert [r for r in told.remarks if "read too" in r] == [f"{path}.1.gz was read too"], (
            told.remarks
        )


def test_a_damaged_archive_is_said_and_read_as_far_as_it_goes(host: SshHost, shared: Path) -> None:
    lines = "".join(f"{session(n, n)}\n" for n in range(20_000))
    data = gzip.compress(lines.encode())
    path = write(shared / "error.log", session(1, 30_000))
    (shared / "error.log.1.gz").write_bytes(data[: len(data) // 2])
    for reader in (host, LocalHost()):
        told = read_file(reader, str(path), EVER, UTC)
        counts = {t.signature.id: t.count for t in told.scan.tallies}
        # The last line is cut before its reason.
        assert 5_000 < counts.pop("aborted-timeout") < 19_000
        assert counts in ({}, {"aborted-unknown": 1})
        assert any("is damaged or cut" in cut for cut in told.cuts)


def test_a_log_behind_a_link_has_its_rotated_files_beside_the_target(
    host: SshHost, shared: Path
) -> None:
    (shared / "data").mkdir()
    write(shared / "data" / "db.err", session(1, 40_000))
    write(shared / "data" / "db.err.1", start(0), session(2, 1))
    link = shared / "error.log"
    link.symlink_to(shared / "data" / "db.err")
    theirs = read_file(host, str(link), EVER, UTC)
    same(theirs, read_file(LocalHost(), str(link), EVER, UTC))
    assert {t.signature.id: t.count for t in theirs.scan.tallies}["aborted-timeout"] == 2


def test_a_log_that_only_sudo_may_read_is_sifted_there(tmp_path: Path) -> None:
    client = ClientHome(tmp_path / "client")
    tools = Path("/dev/shm") / f"goneaway-logs-sudo-{os.getpid()}"
    tools.mkdir()
    hidden = tools / "hidden"
    hidden.mkdir(mode=0o700)
    daemon = SshDaemon(
        tmp_path / "sshd",
        {"SetEnv": f"PATH={tools}:/usr/bin:/bin"},
        authorized=(client.key(),),
    )
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    path = write(hidden / "error.log", *(session(n, 20_000 + n) for n in range(20_000)))
    (hidden / "error.log.1.gz").write_bytes(gzip.compress(f"{start(0)}\n".encode()))
    (tools / "as-root").write_bytes(Path("/usr/bin/env").read_bytes())
    (tools / "as-root").chmod(0o4755)
    (tools / "sudo").write_text(
        f'#!/bin/sh\n[ "$1" = -n ] || exit 1\nshift\n{tools}/as-root "$@"\n'
    )
    (tools / "sudo").chmod(0o755)
    try:
        daemon.start()
        client.knows(daemon)
        host = client.host(daemon, OPERATOR)
        theirs = read_file(host, str(path), EVER, UTC)
        host.close()
        same(theirs, read_file(LocalHost(), str(path), EVER, UTC))
        assert {t.signature.id for t in theirs.scan.tallies} >= {"aborted-timeout"}
        assert len(theirs.life.runs) == 1
    finally:
        daemon.stop()
        shutil.rmtree(tools)


def test_a_connection_cut_in_the_middle_of_a_log_is_said(tmp_path: Path) -> None:
    """The part that was read is not taken for the whole, and nothing is left running there."""
    client = ClientHome(tmp_path / "client")
    daemon = SshDaemon(tmp_path / "sshd", authorized=(client.key(),))
    path = write(tmp_path / "error.log", *(session(n, n / 10) for n in range(200_000)))
    for _ in range(6):
        with path.open("ab") as log:
            log.write(path.read_bytes()[: 20 << 20])
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        host = client.host(daemon)
        stack.callback(host.close)
        host.run(("true",))

        def cut() -> bool:
            if readers(path):
                host.link.connection().transport.close()
            return False

        host.link.stopped = cut
        with pytest.raises(HostError, match="lost"):
            read_file(host, str(path), EVER, UTC)
        limit = time.monotonic() + 60.0
        while readers(path):
            assert time.monotonic() < limit, "the log is still read there"
            time.sleep(0.05)


_STAND_IN = """#!/bin/sh
# Stands in for docker: there is no engine here. Of two days' lines it writes those asked for.
[ "$1 $2 $4" = "logs --since --until" ] || exit 2
[ "$6" = {container} ] || {{ echo "Error: No such container: $6" >&2; exit 1; }}
case $3 in 2026-11-22T*) cat {place}/before >&2 ;; esac
case $5 in 2026-11-23T00:00:00Z) ;; *) cat {place}/inside >&2 ;; esac
"""


def test_a_container_s_log_is_sifted_where_its_client_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = ClientHome(tmp_path / "client")
    container = "4f2a" * 16
    tools = tmp_path / "tools"
    tools.mkdir()
    script = tools / "docker"
    script.write_text(_STAND_IN.format(container=container, place=tools))
    script.chmod(0o755)
    write(tools / "before", start(-90_000), note(-80_000), start(-70_000, 4712))
    noise = [session(n, n) for n in range(1, 30_000)]
    write(tools / "inside", *noise, start(40_000, 4713))
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    options = {"SetEnv": f"PATH={tools}:/usr/bin:/bin"}
    daemon = SshDaemon(tmp_path / "sshd", options, authorized=(client.key(),))
    window = Window(START, START + timedelta(days=1))
    place = ContainerLog("docker", container, "")
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        host = client.host(daemon)
        stack.callback(host.close)
        theirs = read_output(host, place, window, UTC)
        assert sum(host.link.bytes_crossed) < 300_000
        ours = read_output(LocalHost(), place, window, UTC)
        for told in (theirs, ours):
            assert {t.signature.id: t.count for t in told.scan.tallies} == {
                "aborted-timeout": 29_999,
                "run-start-mariadb": 1,
            }
            assert [run.pid for run in told.life.runs][-2:] == [4712, 4713]
        assert theirs.scan.lines == ours.scan.lines
        for reader in (host, LocalHost()):
            with pytest.raises(HostError, match="No such container"):
                read_output(reader, ContainerLog("docker", "beef" * 16, ""), window, UTC)
            with pytest.raises(HostError, match="there is no podman"):
                read_output(reader, ContainerLog("podman", container, ""), window, UTC)
