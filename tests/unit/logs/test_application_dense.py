"""An application's log in which many lines are failures: read sooner, with the same answers."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.load import signatures
from wizard.logs.application import events
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
