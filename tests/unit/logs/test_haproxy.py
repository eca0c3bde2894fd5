"""HAProxy's own log, given as an application's: who ended the sessions through it, and when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES
from wizard.logs.application.haproxy import proxy_sessions

WINDOW = Window(datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC))
HEADS = {
    "syslog": "Nov 20 08:00:00 lb2 haproxy[4711]: ",
    "rfc3339": "2026-11-20T08:00:00+00:00 lb2 haproxy[4711]: ",
    "raw": "",
}


def session(
    state: str, head: str = HEADS["syslog"], server: str = "db2", milliseconds: int = 30_001
) -> str:
    return (
        f"{head}10.9.8.7:50412 [20/Nov/2026:07:00:00.250] shop_front shop_back/{server} "
        f"1/0/{milliseconds} 733 {state} 9/9/8/8/0 0/0"
    )


def told(tmp_path: Path, *lines: str) -> dict[str, tuple[int, datetime | None]] | None:
    path = tmp_path / "haproxy.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = proxy_sessions(path, WINDOW, lambda p: p.open("rb"), zone=UTC)
    return None if found is None else {e.signal: (e.count, e.first) for e in found}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize(
    ("state", "signal"),
    [
        ("cD", "log.proxy-timeout"),
        ("sD", "log.proxy-timeout"),
        ("SD", "log.proxy-server-closed"),
        ("SC", "log.proxy-no-server"),
        ("sC", "log.proxy-no-server"),
        ("sQ", "log.proxy-no-server"),
        ("cC", "log.proxy-no-server"),
    ],
)
def test_the_two_letters_tell_who_ended_the_session(
    tmp_path: Path, head: str, state: str, signal: str
) -> None:
    end = datetime(2026, 11, 20, 7, 0, 0, 250_000, tzinfo=UTC) + timedelta(seconds=30.001)
    assert told(tmp_path, session("--"), session(state, head)) == {signal: (1, end)}


def test_the_syslogs_zone_counts_and_what_is_outside_the_window_does_not(tmp_path: Path) -> None:
    west = "2026-11-20T02:00:00.1-05:00 lb2 haproxy[1]: "
    late = session("cD", milliseconds=86_400_000)
    seen = told(tmp_path, late, session("sD", west, milliseconds=1000))
    assert seen == {"log.proxy-timeout": (1, datetime(2026, 11, 20, 12, 0, 1, 250_000, tzinfo=UTC))}


def test_sessions_that_ended_well_accuse_nobody(tmp_path: Path) -> None:
    assert told(tmp_path, session("--"), session("CD"), session("LR")) == {}


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-20 08:00:00 ERROR shop: (2006, 'MySQL server has gone away')",
        "10.9.8.7:5 [20/Nov/2026:07:00:00.250] web web/w1 0/0/1/2/3 200 733 - - ---- 1/1/1/1/0 0/0",
        '10.9.8.7 - - [20/Nov/2026:07:00:00 +0000] "GET / HTTP/1.1" 200 12',
        "[99/Nov/2026:07:00:00.250] a b/c 1/0/5 7 cD 1/1/1/1/0 0/0",
    ],
)
def test_another_log_is_not_haproxys(tmp_path: Path, line: str) -> None:
    assert told(tmp_path, line) is None


def test_of_a_large_log_all_ends_are_counted_and_the_newest_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.log"
    many = MAX_OCCURRENCES + 500
    lines = (session("cD", milliseconds=n) + "\n" for n in range(many))
    path.write_text("".join(lines), encoding="utf-8")
    (found,) = proxy_sessions(path, WINDOW, lambda p: p.open("rb"), zone=UTC) or ()
    begun = datetime(2026, 11, 20, 7, 0, 0, 250_000, tzinfo=UTC)
    assert (found.count, found.first) == (many, begun)
    assert len(found.occurrences) == MAX_OCCURRENCES
    assert found.occurrences[-1].line == many
