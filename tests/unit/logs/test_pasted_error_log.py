"""Lines of an error log that people paste without their times, and with a list's commas."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.logs.error.in_place import read_in_place
from wizard.logs.error.life_evidence import life_evidence
from wizard.logs.error.session_evidence import session_evidence

NOW = datetime.now(UTC)
DAY = Window(NOW - timedelta(days=1), NOW)
IDLE = (
    "[Note] Aborted connection 43563 to db: 'shop' user: 'app' host: '10.0.0.3' "
    "(Got timeout reading communication packets)"
)
CRASH = """08:29:37 UTC - mysqld got signal 11 ;
This could be because you hit a bug. It is also possible that this binary
key_buffer_size=33554432
"""
KILLED = (
    "Out of memory: Killed process 812 (mariadbd) total-vm:2000000kB, anon-rss:1500000kB, "
    "file-rss:0kB, shmem-rss:0kB, UID:110 pgtables:3300kB oom_score_adj:0"
)


def signals(tmp_path: Path, text: str) -> dict[str, int]:
    path = tmp_path / "error.log"
    path.write_text(text, encoding="utf-8")
    reading = read_in_place(LocalHost(), str(path), DAY, UTC)
    told = (*session_evidence(reading), *life_evidence(reading, DAY, True))
    return {e.signal: e.count for e in told}


@pytest.mark.parametrize(
    ("text", "signal"),
    [(IDLE + "\n", "log.aborted-timeout"), (CRASH, "log.crash")],
    ids=["a session", "a crash"],
)
def test_a_log_without_any_time_is_read(tmp_path: Path, text: str, signal: str) -> None:
    assert signals(tmp_path, text) == {signal: 1}


@pytest.mark.parametrize("text", [IDLE[7:], CRASH], ids=["a session", "a crash"])
def test_where_another_line_tells_a_time_the_window_holds(tmp_path: Path, text: str) -> None:
    old = f"{NOW - timedelta(days=9):%Y-%m-%d %H:%M:%S} 0 [Note] "
    assert signals(tmp_path, f"{old}InnoDB: started\n{old}{text}\n") == {}


@pytest.mark.parametrize("end", ["", ",", ".", ";"])
def test_a_lists_comma_hides_no_reason(tmp_path: Path, end: str) -> None:
    line = f"{NOW - timedelta(hours=1):%Y-%m-%d %H:%M:%S} 43563 [Warning] {IDLE[7:]}{end}\n"
    assert signals(tmp_path, line * 2) == {"log.aborted-timeout": 2}


@pytest.mark.parametrize(
    "stamp",
    [
        "2020-01-02T12:21:45,000000+00:00 ",
        "[    4.123456] ",
        "Mon Jan  2 03:04:05 2020: ",
        "02.01.2020 03:04:05 | ",
        "host 2/Jan/2020:03:04:05 ",
    ],
)
def test_dates_in_any_other_form_are_not_overlooked(tmp_path: Path, stamp: str) -> None:
    assert signals(tmp_path, f"{KILLED}\n") != {}
    assert signals(tmp_path, f"{stamp}{KILLED}\n") == {}


@pytest.mark.parametrize("stamp", ["[ 4709.122085] ", "[ +0.000003] ", "[  +0.000003] "])
def test_a_piece_of_dmesg_is_pasted_and_a_whole_one_is_not(tmp_path: Path, stamp: str) -> None:
    kill = f"{stamp}{KILLED}\n"
    assert signals(tmp_path, kill) == {"log.supervisor-oom": 1}
    assert signals(tmp_path, f"[    0.000000] Linux version 6.1.0\n{kill}") == {}
    assert signals(tmp_path, f"{stamp}eth0: link is up\n" * 2000 + kill) == {}


def test_a_long_text_without_times_is_no_pasted_piece(tmp_path: Path) -> None:
    assert signals(tmp_path, f"{IDLE}\n" + "nothing of interest\n" * 60_000) == {}
