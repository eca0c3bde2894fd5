"""A large application log that is skimmed gives what a close reading of all its lines gives."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.load import signatures
from wizard.logs.application import raw_lines, read
from wizard.logs.application.lines import SkimmedLines
from wizard.logs.application.read import AppLogScan, scan_application_log
from wizard.logs.application.triggers import PureTriggers, tells, triggers
from wizard.logs.engine import fast

DATA = Path(__file__).parents[2] / "data" / "app-log"
BEGIN = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)

Form = Callable[[datetime, str, str], str]


def _object(at: datetime, level: str, text: str) -> str:
    return json.dumps({"time": at.isoformat(), "level": level.lower(), "msg": text})


FORMS: dict[str, Form] = {
    "python": lambda at, level, text: f"{at:%Y-%m-%d %H:%M:%S},003 - shop - {level} - {text}",
    "java": lambda at, level, text: f"{at:%Y-%m-%d %H:%M:%S}.123 {level:5} 6 --- [x-3] S : {text}",
    "zoned": lambda at, level, text: f"{at:%Y-%m-%dT%H:%M:%S}Z {level} {text}",
    "laravel": lambda at, level, text: f"[{at:%Y-%m-%d %H:%M:%S}] production.{level}: {text}",
    "php": lambda at, _level, text: f"[{at:%d-%b-%Y %H:%M:%S} UTC] {text}",
    "klog": lambda at, level, text: f"{level[0]}{at:%m%d %H:%M:%S}.000000 7 main.go:12] {text}",
    "json": _object,
}
GONE = "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away"
TEXTS = (
    GONE,
    "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
    "Error: P1001: Can't reach database server at db:3306",
    "connect to db.example.net:3306 failed, com.mysql is used",
    "dial tcp 10.0.0.7:3306: connect: connection refused",
    "write: broken pipe",
    "the database did something that nobody knows",
    "mysqli_connect(): (HY000/2002): Connection refused",
    "[alert] соединение разорвано другой стороной by mysql",
    "error: {error,<<255,214,7,35,48,56>>}",
    "COMMIT; - read ECONNRESET",
)
STACKS = (
    "\n\tat com.mysql.cj.jdbc.ConnectionImpl.connect(ConnectionImpl.java:12)\n\tat a.B.c(D.java:1)"
    "\nCaused by: java.io.EOFException: Can not read response from server.",
    '\nTraceback (most recent call last):\n  File "/srv/a.py", line 3, in go\n    x()\n'
    "pymysql.err.OperationalError: (2006, 'MySQL server has gone away')",
    "\n#0 /srv/db.php(12): PDO->query()\n#1 {main}\n  thrown in /srv/db.php on line 12",
    "",
)
LEVELS = ("INFO", "ERROR", "WARN", "DEBUG")
DULL = ("GET /a/7 200", "took 12 ms at 10:00 (cached)", "user ann#3 -> bob...", "order saved")

records = st.tuples(
    st.sampled_from(LEVELS), st.sampled_from(TEXTS), st.sampled_from(STACKS), st.integers(0, 90)
)
dull_runs = st.tuples(
    st.integers(0, 150), st.sampled_from(DULL), st.sampled_from(LEVELS), st.sampled_from(STACKS[2:])
)


def lines_of(form: Form, pieces: list[tuple[object, ...]]) -> Iterator[str]:
    at = BEGIN
    for piece in pieces:
        match piece:
            case (int(count), str(text), str(level), str(stack)):
                for number in range(count):
                    at += timedelta(seconds=number % 3)
                    yield form(at, level if number % 40 == 7 else "INFO", f"{text} {number}")
                    if stack and number % 50 == 9:
                        yield stack.lstrip("\n").replace("PDO->query", "A->b")
            case (str(level), str(text), str(stack), int(seconds)):
                at += timedelta(seconds=seconds)
                yield form(at, level, text) + stack


@pytest.fixture(params=["pure", "fast"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "fast":
        pytest.importorskip("hyperscan")
    else:
        monkeypatch.setattr(fast, "_hyperscan", lambda: None)
    return str(request.param)


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[AppLogScan, AppLogScan]:
    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(raw_lines, "BATCH", 3000)
    skimmed = scan_application_log(path)
    monkeypatch.setattr(read, "LARGE", 1 << 60)
    return skimmed, scan_application_log(path)


@pytest.mark.parametrize("name", FORMS)
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pieces=st.lists(st.one_of(records, dull_runs), min_size=1, max_size=14))
def test_a_skimmed_log_says_what_a_close_reading_says(
    name: str, pieces: list[tuple[object, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "app.log"
    log.write_text("\n".join(lines_of(FORMS[name], pieces)) + "\n")
    skimmed, close = both(log, monkeypatch)
    assert skimmed == close


@pytest.mark.parametrize("name", sorted(p.name for p in DATA.iterdir() if p.is_file()))
def test_each_recorded_log_among_dull_lines(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = (DATA / name).read_text()
    dull = "\n".join(
        f"2026-11-23 09:{n // 60:02}:{n % 60:02},001 INFO shop.web GET /{n} 200" for n in range(500)
    )
    log = tmp_path / "app.log"
    log.write_text(f"{dull}\n{recorded}{dull}\n{recorded}{dull}\n")
    skimmed, close = both(log, monkeypatch)
    assert skimmed == close
    assert close.total > 0


def test_every_known_text_is_met_in_any_script_and_case(way: str) -> None:
    found_by = triggers()
    assert isinstance(found_by, PureTriggers) is (way == "pure")
    texts = [t for s in signatures("client") for t in s.matches if "\n" not in t]
    lines = [t.encode() for text in texts for t in (text, f"2026-11-23 10:00:00 x {text} y")]
    telling = [line for line in lines if tells(line)]
    assert len(telling) > len(lines) // 2
    found = set(found_by.lines_in(b"\n".join(lines), lines))
    assert [line for n, line in enumerate(lines) if tells(line) and n not in found] == []


def test_only_few_lines_of_a_dull_log_are_read_closely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[tuple[object, ...]] = [(3000, DULL[0], "INFO", "")]
    pieces += [("ERROR", GONE, "", 1), (3000, DULL[3], "INFO", "")]
    log = tmp_path / "app.log"
    log.write_text("\n".join(lines_of(FORMS["python"], pieces)) + "\n")
    given: list[int] = []
    every = SkimmedLines.__iter__

    def counted(self: SkimmedLines) -> Iterator[tuple[int, str]]:
        for number, line in every(self):
            given.append(number)
            yield number, line

    monkeypatch.setattr(SkimmedLines, "__iter__", counted)
    skimmed, close = both(log, monkeypatch)
    assert skimmed == close
    assert 0 < len(given) < 400


def test_an_hour_that_clocks_show_twice_is_read_closely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(raw_lines, "BATCH", 3000)
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    moments = [begin + timedelta(seconds=10 * n) for n in range(3000)]
    lines = [f"{m.astimezone(berlin):%Y-%m-%d %H:%M:%S} INFO x {n}" for n, m in enumerate(moments)]
    lost = moments[1400]
    lines[1400] = f"{lost.astimezone(berlin):%Y-%m-%d %H:%M:%S} ERROR {GONE}"
    log = tmp_path / "app.log"
    log.write_text("\n".join(lines) + "\n")
    (failure,) = scan_application_log(log, zone=berlin).failures
    assert lost.astimezone(berlin).fold == 1
    assert failure.at is not None
    assert failure.at.timestamp() == lost.timestamp()


@pytest.mark.parametrize("cut", [False, True])
def test_a_packed_log_is_skimmed_as_far_as_it_goes(
    cut: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[tuple[object, ...]] = [(900, DULL[0], "INFO", ""), ("ERROR", GONE, "", 1)]
    pieces += [(9000, DULL[1], "INFO", "")]
    data = gzip.compress(("\n".join(lines_of(FORMS["python"], pieces)) + "\n").encode())
    log = tmp_path / "app.log.gz"
    log.write_bytes(data[: len(data) - 200 if cut else len(data)])
    skimmed, close = both(log, monkeypatch)
    assert skimmed.counts == close.counts == {"client.lost": 1}
    assert bool(skimmed.truncated) is cut
    if not cut:
        assert skimmed == close


def test_very_long_lines_are_cut_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = FORMS["python"]
    texts = [f"{'x' * length} {GONE}" for length in (6000, 6100, 6144, 8192, 70_000, 400_000)]
    lines = [form(BEGIN + timedelta(minutes=n), "ERROR", text) for n, text in enumerate(texts)]
    dull = [form(BEGIN, "INFO", f"{DULL[0]} {n}") for n in range(300)]
    log = tmp_path / "app.log"
    log.write_text("\n".join([*dull, *lines, *dull, "\0" * 300_000]))
    skimmed, close = both(log, monkeypatch)
    assert replace(skimmed, lines=0) == replace(close, lines=0)
    assert skimmed.lines == close.lines
