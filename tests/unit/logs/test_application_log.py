"""Application logs: the times of their lines, and each failure told once."""

import gzip
import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.case.evidence import Failure, Phase
from wizard.hosts.protocol import HostError, NotFound
from wizard.logs.application.failures import MAX_KEPT
from wizard.logs.application.json_lines import json_line
from wizard.logs.application.read import scan_application_log, scan_text
from wizard.logs.application.stamps import StampReader
from wizard.steps.step import Cancelled

DATA = Path(__file__).parents[2] / "data" / "app-log"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EAST = timezone(timedelta(hours=2))
GONE = "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away"


def at(hour: int, minute: int, second: int, micro: int = 0, zone: timezone = EAST) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, micro, tzinfo=zone)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("[2026-11-23 10:45:15] production.ERROR: x", at(10, 45, 15)),
        ("[2026-11-23T10:45:15.220453+00:00] data.ERROR: x", at(10, 45, 15, 220453, UTC)),
        ("[23-Nov-2026 10:45:15 UTC] PHP Warning:  x", at(10, 45, 15, 0, UTC)),
        ("[23-Nov-2026 10:45:15 Europe/Berlin] PHP Warning:  x", at(9, 45, 15, 0, UTC)),
        ("[23-Nov-2026 10:45:15 ../../etc] PHP Warning:  x", at(10, 45, 15)),
        ("[Mon Nov 23 10:45:15.123456 2026] [php:error] x", at(10, 45, 15, 123456)),
        ("2026/11/23 10:45:15 [error] 6124: *22 FastCGI sent", at(10, 45, 15)),
        ("[mysql] 2026/11/23 10:45:15 packets.go:36: unexpected EOF", at(10, 45, 15)),
        ("Nov 23 10:45:15 host app[2]: x", at(10, 45, 15)),
        ("Okt 17 07:54:43 odroid app: x", datetime(2026, 10, 17, 7, 54, 43, tzinfo=EAST)),
        ("Dec  1 10:45:15 host app[2]: x", datetime(2025, 12, 1, 10, 45, 15, tzinfo=EAST)),
        ("2026-11-23T10:45:15+0100 host app[3]: x", at(9, 45, 15, 0, UTC)),
        ("1795430715 x", at(10, 45, 15, 0, UTC)),
        ("1795430715250: x", at(10, 45, 15, 250000, UTC)),
        ("2026-11-23 10:45:15.123  ERROR 6 --- [x] y", at(10, 45, 15, 123000)),
        ("2026-11-23 10:45:15,123 ERROR [main] x", at(10, 45, 15, 123000)),
        ("ERROR 2026-11-23 10:45:15,123 basehttp 1 x", at(10, 45, 15, 123000)),
    ],
)  # fmt: skip
def test_times_are_read_in_every_format(line: str, moment: datetime) -> None:
    assert StampReader(EAST, NOW).moment(line) == moment


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ('{"level":50,"time":1795430715250,"msg":"x"}', at(10, 45, 15, 250000, UTC)),
        ('{"ts":1795430715.25,"msg":"x"}', at(10, 45, 15, 250000, UTC)),
        ('{"@timestamp":"2026-11-23T10:45:15.5Z"}', at(10, 45, 15, 500000, UTC)),
        ('{"datetime":{"date":"2026-11-23 10:45:15.000000","timezone_type":3,"timezone":"UTC"}}',
         at(10, 45, 15, 0, UTC)),
    ],
)  # fmt: skip
def test_times_are_read_in_objects(line: str, moment: datetime) -> None:
    told = json_line(line)
    assert told is not None
    assert StampReader(EAST, NOW).moment(told.time) == moment


@pytest.mark.parametrize(
    "line",
    [
        "    at 2026-11-23 10:45:15",
        "[parameters: ('2026-11-23 10:45:15')]",
        "#0 2026-11-23 10:45:15 x",
        "ERROR 2006 (HY000) at line 572: x",
        "2026-13-45 10:45:15 x",
        "order 2013 of 2006",
        "9999999999 x",
        "",
    ],
)
def test_what_is_no_time_is_none(line: str) -> None:
    assert StampReader(EAST, NOW).moment(line) is None


def test_without_a_zone_the_machines_own_is_taken() -> None:
    naive = datetime(2026, 7, 1, 10, 0)
    assert StampReader(None, NOW).moment("[2026-07-01 10:00:00] x") == naive.astimezone()


def told(name: str) -> list[tuple[str, int | None, str | None, str]]:
    scan = scan_application_log(DATA / name, zone=UTC)
    return [(f.signal, f.number, f.driver, f.source) for f in scan.failures]


def test_a_laravel_log_tells_each_exception_once() -> None:
    assert told("laravel.log") == [
        ("client.lost", 2006, "PDO", "laravel.log:2"),
        ("client.refused", 2002, "PDO", "laravel.log:11"),
    ]


def test_a_php_warning_and_its_exception_are_one_failure() -> None:
    assert told("php-error.log") == [
        ("client.idle-disconnect", 4031, "PDO", "php-error.log:1"),
        ("client.sending-packet", 2006, "mysqli", "php-error.log:7"),
    ]


def test_a_java_stack_trace_is_one_failure_and_two_dead_connections_are_two() -> None:
    scan = scan_application_log(DATA / "spring.log", zone=UTC)
    assert [f.signal for f in scan.failures] == [
        "client.lost",
        "client.read-timeout",
        "client.lost",
        "client.lost",
    ]
    idle, timeout = scan.failures[:2]
    assert idle.idle_seconds == pytest.approx(3600.078)
    assert idle.phase is Phase.IDLE
    assert idle.at is not None
    assert abs(idle.at - at(9, 0, 3, zone=UTC)) < timedelta(seconds=1)
    assert timeout.idle_seconds is None


def test_python_exceptions_chained_are_one_failure_and_redis_is_none() -> None:
    assert told("django.log") == [
        ("client.lost", 2006, "PyMySQL", "django.log:12"),
        ("client.closed-object", None, "PyMySQL", "django.log:23"),
    ]


def test_nodes_socket_error_counts_where_the_driver_marked_it() -> None:
    assert [t[0] for t in told("node.log")] == [
        "client.lost",
        "client.closed-object",
        "client.lost",
    ]


def test_gos_two_lines_are_one_failure() -> None:
    assert [t[0] for t in told("go.log")] == ["client.lost", "client.lost", "client.refused"]


def test_json_lines_have_their_own_times() -> None:
    scan = scan_application_log(DATA / "lines.json", zone=EAST)
    assert [(f.signal, f.at) for f in scan.failures] == [
        ("client.idle-disconnect", datetime.fromtimestamp(1795431564.515, UTC)),
        ("client.lost", at(10, 0, 0, 250000, UTC)),
    ]
    assert not scan.zone_assumed


def test_lines_without_times_are_a_failure_each() -> None:
    scan = scan_application_log(DATA / "cli.log")
    assert [(f.signal, f.number, f.at) for f in scan.failures] == [
        ("client.lost", 2006, None),
        ("client.connect-lost", 2013, None),
        ("client.packet-limit", 2020, None),
        ("client.lost", 2006, None),
    ]
    assert scan.lines == 4


def test_a_line_without_a_time_lies_between_its_neighbours() -> None:
    text = (
        f"[2026-11-23 10:00:00] start\nworking\n{GONE}\n{GONE}\n[2026-11-23 10:09:00] end\n{GONE}"
    )
    first, second, last = scan_text(text, zone=UTC).failures
    for failure in (first, second):
        assert (failure.after, failure.at) == (at(10, 0, 0, zone=UTC), at(10, 9, 0, zone=UTC))
    assert (last.after, last.at) == (at(10, 9, 0, zone=UTC), None)
    assert [f.source[-1] for f in (first, second, last)] == ["3", "4", "6"]


def test_what_a_record_goes_on_with_has_its_time() -> None:
    text = f"[2026-11-23 10:00:00] ERROR job failed\n{GONE}\n[2026-11-23 10:09:00] INFO next"
    (failure,) = scan_text(text, zone=UTC).failures
    assert (failure.after, failure.at) == (None, at(10, 0, 0, zone=UTC))


def test_the_window_drops_failures_outside_it_and_counts_them() -> None:
    other = "ERROR 2013 (HY000): Lost connection to MySQL server during query"
    text = f"[2026-11-23 08:00:00] {GONE}\n[2026-11-23 10:00:00] {GONE}\n{other}"
    window = Window(at(9, 0, 0, zone=UTC), at(12, 0, 0, zone=UTC))
    scan = scan_text(text, window, UTC)
    assert (scan.total, scan.outside) == (2, 1)
    assert scan.first == at(8, 0, 0, zone=UTC)


def test_a_compressed_log_is_read_and_a_broken_one_as_far_as_it_goes(tmp_path: Path) -> None:
    packed = gzip.compress(
        b"".join(b"[2026-11-23 10:%02d:00] %s\n" % (n, GONE.encode()) for n in range(60)),
        compresslevel=0,
    )
    whole, cut = tmp_path / "a.log.gz", tmp_path / "b.log.gz"
    whole.write_bytes(packed)
    cut.write_bytes(packed[: len(packed) // 2])
    assert scan_application_log(whole).total == 60
    broken = scan_application_log(cut)
    assert 20 < broken.total < 40
    assert "reading stopped" in broken.truncated


def test_garbage_and_endless_lines_do_not_hurt(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    sql = b"INSERT INTO t VALUES ('" + b"\x00\xff\x1b[31m" * 1_000_000 + b"') - "
    log.write_bytes(
        bytes(range(256)) * 1000
        + b"\n[2026-11-23 10:00:00] " + sql + GONE.encode() + b"\n[2026-11-23 10:00:01] end\n"
    )  # fmt: skip
    scan = scan_application_log(log, zone=UTC)
    assert scan.total == 1
    assert scan.bytes_scanned == log.stat().st_size
    (failure,) = scan.failures
    assert failure.at == at(10, 0, 0, zone=UTC)
    assert "gone away" in failure.text
    assert len(failure.text) <= 301
    assert "\x1b" not in failure.text


def test_only_the_newest_failures_are_kept_and_all_are_counted() -> None:
    text = "\n".join(f"{1795430715 + n} {GONE}" for n in range(MAX_KEPT + 5))
    scan = scan_text(text)
    assert scan.total == MAX_KEPT + 5
    assert len(scan.failures) == MAX_KEPT
    assert scan.failures[0].source == "pasted text, line 6"


def test_a_missing_log_and_a_directory_are_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no-such"):
        scan_application_log(tmp_path / "no-such.log")
    with pytest.raises(HostError, match="directory"):
        scan_application_log(tmp_path)


def test_reading_can_be_stopped() -> None:
    def stop() -> None:
        raise Cancelled

    opener: Callable[[Path], io.BytesIO] = lambda _path: io.BytesIO(b"x\n" * 100_000)  # noqa: E731
    with pytest.raises(Cancelled):
        scan_application_log(Path("app.log"), checkpoint=stop, opener=opener)


def test_failures_are_safe_to_show() -> None:
    (failure,) = scan_text(f"\x1b]52;c;x\x07\u202e{GONE}").failures
    assert isinstance(failure, Failure)
    assert not {"\x1b", "\x07", "\u202e"} & set(failure.text)


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_no_text_is_said_to_be_no_log(tmp_path: Path, packed: bool) -> None:
    program = Path(sys.executable).read_bytes()[: 1 << 18]
    path = tmp_path / "app.log"
    path.write_bytes(gzip.compress(program) if packed else program)
    with pytest.raises(HostError, match="no text, so it is no log"):
        scan_application_log(path)


@pytest.mark.parametrize(
    "around",
    [
        pytest.param(("\x00" * 70_000, ""), id="emptied under a program that writes on"),
        pytest.param(("\x1b[31m8=FIX.4.2\x019=61\x0135=A\x01", "\x1b[0m"), id="colours and FIX"),
        pytest.param(("r\xe9sum\xe9 ", "\xff\xfe\x80\x9f"), id="Latin-1"),
    ],
)
def test_a_text_with_strange_bytes_is_read(tmp_path: Path, around: tuple[str, str]) -> None:
    path = tmp_path / "app.log"
    line = f"2026-11-23 10:45:15 {GONE}"
    path.write_bytes("\n".join((around[0], line, around[1])).encode("latin-1"))
    assert scan_application_log(path, zone=EAST).total == 1


@pytest.mark.parametrize("lines", [3, 60_000])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_wide_text_is_read_as_its_narrow_twin(
    tmp_path: Path, encoding: str, packed: bool, lines: int
) -> None:
    well = "2026-11-23 10:45:16 INFO well\r\n"
    text = f"2026-11-23 10:45:15 {GONE} r\xe9sum\xe9\r\n" + well * lines
    twins = []
    for codec in ("utf-8", encoding):
        path = tmp_path / f"{codec}.log"
        path.write_bytes(gzip.compress(text.encode(codec)) if packed else text.encode(codec))
        twins.append(scan_application_log(path, zone=EAST))
    narrow, wide = twins
    assert wide.total == narrow.total == 1
    assert [f.at for f in wide.failures] == [f.at for f in narrow.failures]
    assert (wide.lines, wide.bytes_scanned) == (narrow.lines, narrow.bytes_scanned)


def test_a_wide_text_with_its_newest_line_first_is_put_in_order(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    text = "".join(f"2026-11-23 10:{m:02}:15 {GONE}\n" for m in range(40, 10, -1))
    path.write_bytes(text.encode("utf-16"))
    told = [f.at for f in scan_application_log(path, zone=EAST).failures]
    assert len(told) == 30
    assert told == sorted(told, key=str)
