"""An application's log in which many lines are failures: read sooner, with the same answers."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import signatures
from wizard.case.case import Window
from wizard.logs.application import events, read, skim
from wizard.logs.application.failures import FailureReader
from wizard.logs.application.lone_line import lone_line
from wizard.logs.application.lone_lines import LoneLines
from wizard.logs.application.read import scan_application_log

BEGIN = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
USUAL = (
    "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away",
    "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
    "ERROR 2006 (HY000): MySQL server has gone away",
    "ERROR 2013 (HY000): Lost connection to MySQL server during query",
    "Error: Connection lost: The server closed the connection.",
    "HikariPool-1 - Connection is not available, request timed out after 30005ms.",
    "dial tcp 10.0.0.7:3306: connect: connection refused",
    "(conn=5512) Connection timed out",
    "the database did something that nobody knows",
)
KNOWN = [t for s in signatures("client") for t in s.matches if "\n" not in t and len(t) < 300]
STACK = (
    "\n\tat com.mysql.cj.jdbc.ConnectionImpl.connect(ConnectionImpl.java:12)\n\tat a.B.c(D.java:1)"
    "\nCaused by: java.io.EOFException: Can not read response from server."
)


def dense_log(lots: random.Random, lines: int) -> Iterator[str]:
    """Failures of a few places in a program among dull lines, some with a stack."""
    at = BEGIN
    texts = lots.choices(USUAL if lots.random() < 0.6 else KNOWN, k=lots.choice((1, 2, 3, 8)))
    share = lots.choice((0.05, 0.33, 0.33, 0.9))
    step = lots.choice((1_000, 20_000, 400_000, 3_000_000))
    for _ in range(lines):
        at += timedelta(microseconds=lots.randrange(step))
        stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
        if lots.random() > share:
            word = lots.choice(("from 10.0.0.7", "from 10.0.0.8", "from 10.0.0.9", "done"))
            yield f"{stamp} INFO shop.web GET /{lots.randrange(10**6)} 200 in 7 ms {word}"
            continue
        text = lots.choice(texts)
        match lots.randrange(6):
            case 0:
                text = f"order {lots.randrange(10 ** lots.randrange(1, 8))} failed: {text}"
            case 1:
                text = f"[http-nio-8080-exec-{lots.randrange(99)}] {text}"
            case 2:
                text = f"{text} after {lots.randrange(40_000)} s"
        stack = STACK if lots.random() < 0.005 else ""
        yield f"{stamp} {lots.choice(('ERROR', 'ERROR', 'ERROR', 'INFO'))} shop.db {text}{stack}"


@pytest.mark.parametrize("seed", range(8))
def test_events_that_are_passed_over_unasked_are_other_events(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "app.log"
    log.write_text("\n".join(dense_log(random.Random(seed), 900)) + "\n")
    found = scan_application_log(log)
    monkeypatch.setattr(events, "tells_again", lambda _event, _telling: False)
    assert found == scan_application_log(log)
    assert found.total > 0


class Closely:
    """Takes each line for a FailureReader."""

    def __init__(self, reader: FailureReader) -> None:
        self.feed, self.finish = reader.feed, reader.finish


@pytest.mark.parametrize("seed", range(24))
def test_failures_that_are_only_counted_are_those_of_a_careful_reading(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = random.Random(1000 + seed)
    log = tmp_path / "app.log"
    log.write_text("\n".join(dense_log(lots, 1500)) + "\n")
    until = BEGIN + timedelta(seconds=lots.randrange(1, 600))
    window = Window(BEGIN + timedelta(seconds=5), until) if seed % 2 else None
    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(skim, "_DENSE", lots.choice((1, 16)))
    found = scan_application_log(log, window, UTC)
    monkeypatch.setattr(read, "DenseReader", Closely)
    assert found == scan_application_log(log, window, UTC)
    monkeypatch.setattr(read, "LARGE", 1 << 60)
    assert found == scan_application_log(log, window, UTC)


def test_few_failures_of_a_dense_log_are_read_closely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "app.log"
    lines = [
        f"2026-11-26 03:{n // 60 % 60:02}:{n % 60:02},{n % 1000:03} "
        + (f"ERROR shop.db order {n + 10_000} failed: {USUAL[n % 2]}" if n % 3 else "INFO x y")
        for n in range(6000)
    ]
    log.write_text("\n".join(lines) + "\n")
    closely: list[int] = []
    feed = FailureReader.feed

    def counted(self: FailureReader, number: int, line: str) -> None:
        closely.append(number)
        feed(self, number, line)

    monkeypatch.setattr(read, "LARGE", 0)
    monkeypatch.setattr(FailureReader, "feed", counted)
    found = scan_application_log(log, None, UTC)
    assert found.counts == {"client.lost": 4000}
    assert len(found.failures) == 2000
    assert len(closely) < 1500


NUMBER = re.compile("[0-9]+")


def varied(lots: random.Random, line: str) -> str:
    """The same line with other numbers: any, and such as mean something elsewhere."""

    def other(found: re.Match[str]) -> str:
        length = len(found.group())
        known = [n for n in ("2006", "2013", "3306", "1045", "104", "32", "11") if len(n) == length]
        if known and lots.random() < 0.3:
            return lots.choice(known)
        return "".join(lots.choices("0123456789", k=length)) if lots.random() < 0.7 else found[0]

    return NUMBER.sub(other, line)


@pytest.mark.parametrize("part", range(3))
def test_lines_that_differ_in_numbers_tell_what_each_of_them_tells(part: int) -> None:
    lots = random.Random(part)
    told = 0
    for text in lots.sample([*USUAL, *KNOWN], 50):
        lines = LoneLines("unknown")
        for frame in ("{}", "order 4711 of 10.0.2.50 failed in 345 ms: {}"):
            body = frame.format(text)
            for _ in range(10):
                line = f"2026-11-26 03:00:17,104 ERROR [exec-17] shop.db {varied(lots, body)}"
                kind = lines.of(line)
                if kind is not None:
                    told += 1
                    assert kind == lone_line(line, "unknown", lines.is_dull(line)), line
    assert told > 100
