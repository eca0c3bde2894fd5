"""A server's life: what counts as a restart, a crash, an unclean end, and what does not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cpu_time import lines_run
from wizard.logs.engine.block import cut
from wizard.logs.error.life_marks import LOOK_BACK_LINES, LifeMarks
from wizard.logs.error.lifecycle import Lifecycle, lifecycle
from wizard.logs.error.run import RunEnding
from wizard.logs.error.scan import scan

DATA = Path(__file__).parents[2] / "data" / "error-log"


def life(text: str) -> Lifecycle:
    found = scan(cut(text.encode(), "error.log"), UTC)
    return lifecycle(found.marks, found.served)


def endings(text: str) -> list[str]:
    return [run.ending.value for run in life(text).runs]


def start(clock: str, pid: int = 1) -> str:
    return (
        f"2026-11-23 {clock} 0 [Note] Starting MariaDB 10.11.19 source as process {pid}\n"
        f"2026-11-23 {clock} 0 [Note] mariadbd: ready for connections.\n"
        f"Version: '10.11.19'  socket: '/run/s'  port: 3306  Debian\n"
    )


def stop(clock: str) -> str:
    return (
        f"2026-11-23 {clock} 0 [Note] mariadbd (initiated by: unknown): Normal shutdown\n"
        f"2026-11-23 {clock} 0 [Note] mariadbd: Shutdown complete\n"
    )


ABORTED = (
    "2026-11-23 {} 9 [Warning] Aborted connection 9 to db: 'x' user: 'y' host: 'z' "
    "(Got timeout reading communication packets)\n"
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mariadb-10.11.log",
         "shutdown shutdown unclean crash shutdown failed failed crash shutdown"),
        ("mariadb-10.11-warnings-4.log", "shutdown crash shutdown"),
        # The first one is --initialize; MySQL prints each crash twice.
        ("mysql-9.7.log",
         "shutdown shutdown shutdown unclean crash shutdown failed failed crash shutdown"),
        ("mysql-9.7-verbosity-3.log", "shutdown shutdown crash shutdown"),
    ],
)  # fmt: skip
def test_what_real_servers_wrote(name: str, expected: str) -> None:
    runs = life((DATA / name).read_text(encoding="utf-8")).runs
    assert " ".join(run.ending.value for run in runs) == expected
    assert [run.initialize for run in runs] == [
        name.startswith("mysql") and index == 0 for index in range(len(runs))
    ]
    assert all(run.pid for run in runs)


def test_the_first_start_of_a_log_is_no_restart() -> None:
    assert endings(start("10:00:00")) == ["running"]


def test_a_start_after_lines_of_a_running_server_is() -> None:
    runs = life(ABORTED.format("09:00:00") + start("10:00:00")).runs
    assert [r.ending for r in runs] == [RunEnding.UNCLEAN, RunEnding.NONE]
    assert runs[0].back == runs[1].ready


def test_warnings_before_the_start_line_belong_to_the_start() -> None:
    text = "2026-11-23T10:00:00.1Z 0 [Warning] [MY-010097] [Server] Insecure configuration\n"
    text += (
        "2026-11-23T10:00:00.2Z 0 [System] [MY-010116] [Server] /m (mysqld 8.0) "
        "starting as process 7\n"
    )
    assert endings(text) == ["running"]


def test_a_kill_is_dated_by_the_last_line_only_if_that_is_near() -> None:
    near = life(start("10:00:00") + ABORTED.format("10:30:00") + start("10:30:20")).runs[0]
    far = life(start("10:00:00") + ABORTED.format("10:30:00") + start("12:00:00")).runs[0]
    assert near.ended is not None
    assert f"{near.ended:%H:%M:%S}" == "10:30:00"
    assert far.ended is not None
    assert f"{far.ended:%H:%M:%S}" == "11:59:50"


def test_a_shutdown_that_never_completes_is_a_shutdown_all_the_same() -> None:
    begun = start("10:00:00") + stop("10:10:00").splitlines(keepends=True)[0]
    assert endings(begun + start("10:20:00")) == ["shutdown", "running"]
    assert life(begun + start("10:20:00")).runs[0].unfinished
    assert endings(begun) == ["shutdown"], "and it did not die in the middle of a run"
    whole = life(start("10:00:00") + stop("10:10:00") + start("10:20:00"))
    assert not whole.runs[0].unfinished


def test_a_container_s_temporary_server_is_not_counted() -> None:
    text = "2026-11-23 10:00:00+00:00 [Note] [Entrypoint]: Starting temporary server\n"
    temporary = start("10:00:01").replace("port: 3306", "port: 0") + stop("10:00:09")
    found = life(text + temporary + start("10:00:10"))
    assert [r.ending for r in found.runs] == [RunEnding.SHUTDOWN, RunEnding.NONE]
    assert found.ended(RunEnding.SHUTDOWN) == ()


@pytest.mark.parametrize("after", ["", "2026-11-23 11:00:03 0 [Note] mysqld: Shutdown complete\n"])
def test_a_second_server_on_the_same_files_does_not_end_the_first(after: str) -> None:
    second = (
        "2026-11-23 11:00:00 0 [Note] Starting MariaDB 10.11.19 source as process 99\n"
        "2026-11-23 11:00:01 0 [ERROR] InnoDB: Unable to lock ./ibdata1 error: 11\n"
        "2026-11-23 11:00:02 0 [ERROR] Aborting\n" + after
    )
    found = life(start("10:00:00", 5) + second + stop("12:00:00"))
    assert found.ended(RunEnding.UNCLEAN, RunEnding.FAILED) == ()
    (first,) = found.ended(RunEnding.SHUTDOWN)
    assert first.pid == 5
    assert first.ended is not None
    assert first.ended.hour == 12


TAKEN = (
    "2026-11-23 11:00:01 0 [ERROR] Can't start server: Bind on TCP/IP port: In use\n"
    "2026-11-23 11:00:01 0 [ERROR] Do you already have another server running on port: 3306 ?\n"
)
LOCKED = (
    "2026-11-23 11:00:01 0 [ERROR] InnoDB: Unable to lock ./ibdata1 error: 11\n"
    "2026-11-23 11:00:02 0 [ERROR] InnoDB: Unable to lock ./ibdata1 error: 11\n"
)


@pytest.mark.parametrize("place", [TAKEN, LOCKED])
@pytest.mark.parametrize("after", ["", "2026-11-23 11:00:03 0 [ERROR] Aborting\n"])
def test_a_start_whose_place_is_taken_fails_whether_or_not_the_log_goes_on(
    place: str, after: str
) -> None:
    (run,) = life(place + after).runs
    assert run.ending is RunEnding.FAILED
    assert run.ended is not None
    assert run.excerpt[0] == place.splitlines()[0]
    assert life(place + after).ended(RunEnding.FAILED) == (), "it may be another server's start"


GAVE_UP = (
    "2026-11-23 11:00:01 0 [ERROR] InnoDB: Upgrade after a crash is not supported.\n"
    "2026-11-23 11:00:02 0 [ERROR] InnoDB: Plugin initialization aborted with error Generic error\n"
)


NO_DATA = (
    "2026-11-23 11:00:01 0 [ERROR] WSREP: Process completed with error: wsrep_sst_rsync --role "
    "'joiner' --address '10.0.0.12': 1 (Operation not permitted)\n"
    "2026-11-23 11:00:02 2 [ERROR] WSREP: SST script aborted with error 1 (Not permitted)\n"
)


NOT_KNOWN = "2026-11-23 11:00:01 0 [ERROR] mysqld: unknown variable 'query_cache_size=16M'\n"
NO_ACCOUNTS = "2026-11-23 11:00:01 0 [ERROR] Fatal error: Can't open and lock privilege tables\n"


@pytest.mark.parametrize("told", [GAVE_UP, NO_DATA, NOT_KNOWN, NO_ACCOUNTS])
@pytest.mark.parametrize("after", ["", "2026-11-23 11:00:03 0 [ERROR] Aborting\n"])
def test_a_start_that_cannot_go_on_fails_whether_or_not_the_log_does(told: str, after: str) -> None:
    (run,) = life(told + after).ended(RunEnding.FAILED)
    assert run.ended is not None
    assert run.excerpt[0] == told.splitlines()[0]


@pytest.mark.parametrize("told", [NOT_KNOWN, NO_ACCOUNTS])
def test_a_server_that_ran_before_the_log_outlives_what_would_end_a_start(told: str) -> None:
    assert endings(ABORTED.format("09:00:00") + told) == ["running"]


def test_a_donor_that_could_not_give_its_data_runs() -> None:
    given = NO_DATA.splitlines(keepends=True)[0].replace("joiner", "donor")
    failed = (
        "2026-11-23 11:00:02 0 [Warning] WSREP: 1.0 (a): State transfer to 0.0 (b) failed: -22\n"
    )
    assert endings(start("10:00:00") + given + failed) == ["running"]
    assert endings(start("10:00:00") + NO_DATA) == ["running"], "it was ready: it may rejoin"


def test_a_server_that_is_ready_without_innodb_runs() -> None:
    first, *ready = start("11:00:00").splitlines(keepends=True)
    assert endings(first + GAVE_UP + "".join(ready)) == ["running"]


def test_each_attempt_at_a_taken_place_is_another_servers() -> None:
    attempt = start("11:00:00").splitlines(keepends=True)[0] + TAKEN
    found = life(attempt * 4)
    assert [run.ending for run in found.runs] == [RunEnding.FAILED] * 4
    assert found.ended(RunEnding.FAILED, RunEnding.UNCLEAN) == ()
    assert found.loops == ()


def test_a_start_that_got_the_files_in_the_end_is_the_servers() -> None:
    first, *ready = start("11:00:00").splitlines(keepends=True)
    crash = "261123 11:05:01 [ERROR] mysqld got signal 11 ;\n"
    (run,) = life(first + LOCKED + "".join(ready) + crash).ended(RunEnding.CRASH)
    assert run.ready
    (run,) = life(first + LOCKED + "".join(ready) + stop("12:00:00")).runs
    assert not any("Unable to lock" in text for text in run.excerpt), "that is no part of its end"


def test_what_followed_from_a_crash_does_not_stand_for_it() -> None:
    crash = "2026-11-23 11:00:00 0 [ERROR] [FATAL] InnoDB: Trying to read page number 5\n"
    (run,) = life(
        start("10:00:00")
        + stop("10:30:00")
        + start("11:00:00").splitlines(True)[0]
        + crash
        + GAVE_UP
    ).ended(RunEnding.CRASH)
    assert run.excerpt == [crash.rstrip("\n")]


def test_a_taken_place_that_tells_no_time_is_of_the_line_before_it() -> None:
    """As InnoDB of MySQL 5.5 writes it."""
    told = (
        "261123 11:00:00 [Note] Plugin 'FEDERATED' is disabled.\n"
        "InnoDB: Unable to lock ./ibdata1, error: 11\n"
    )
    (run,) = life(told).runs
    assert run.ended is not None


ANOTHERS = (
    "Nov 23 11:00:01 web php[99]: Fatal error: Uncaught PDOException: SQLSTATE[HY000] [2002]\n"
    "Nov 23 11:00:01 web mysqldump[98]: mysqldump: unknown variable 'foo=1'\n"
)


def test_what_another_program_tells_of_itself_in_a_journal_dooms_no_start() -> None:
    begun = start("11:00:00").splitlines(keepends=True)[0]
    assert endings(f"Nov 23 11:00:00 web mariadbd[7]: {begun}{ANOTHERS}") == ["running"]


def test_a_crash_names_its_query_and_its_reason() -> None:
    text = start("10:00:00") + (
        "2026-11-23 10:05:00 3 [ERROR] [FATAL] InnoDB: innodb_fatal_semaphore_wait_threshold was\n"
        "261123 10:05:01 [ERROR] mysqld got signal 6 ;\n"
        "Query (0x7f9c): SELECT 1\nConnection ID (thread ID): 8\n"
    )
    (run,) = life(text).runs
    assert run.ending is RunEnding.CRASH
    assert run.ended is not None
    assert f"{run.ended:%H:%M:%S}" == "10:05:00"
    assert [x.split(" InnoDB")[0][-7:] for x in run.excerpt[:1]] == ["[FATAL]"]
    assert run.excerpt[2:] == ["Query (0x7f9c): SELECT 1", "Connection ID (thread ID): 8"]


def test_deaths_far_apart_are_no_loop() -> None:
    soon = "".join(start(f"10:0{n}:00", n) for n in range(1, 5))
    assert [len(x) for x in life(soon).loops] == [3]
    apart = "".join(start(f"1{n}:00:00", n) for n in range(1, 5))
    assert life(apart).loops == ()


def test_rotation_within_a_run_is_seen_by_the_shutdown_alone() -> None:
    runs = life(stop("10:00:00") + start("10:00:05")).runs
    assert [r.ending for r in runs] == [RunEnding.SHUTDOWN, RunEnding.NONE]
    assert not runs[0].known


def test_the_time_before_a_line_is_that_of_the_last_one_that_has_any() -> None:
    """Each line is looked at once, however many without a time are asked about."""
    stamp = "2026-11-23 14:{:02}:00 0 [Note] InnoDB: x"
    earlier = datetime(2026, 11, 23, 13, tzinfo=UTC)
    gaps = (0, 3, LOOK_BACK_LINES - 1, LOOK_BACK_LINES, LOOK_BACK_LINES + 5)
    lines: list[bytes] = []
    for minute, gap in enumerate(gaps):
        lines += [b"  a trace"] * gap + [stamp.format(minute).encode()]
    stamped = [n for n, line in enumerate(lines) if b"Note" in line]
    for step in (1, 7, 500):
        told = LifeMarks(UTC).times_before(lines, earlier)
        for number in range(0, len(lines) + 1, step):
            near = [n for n in stamped if number - LOOK_BACK_LINES <= n < number]
            at = (
                datetime(2026, 11, 23, 14, stamped.index(near[-1]), tzinfo=UTC) if near else earlier
            )
            assert told(number) == at

    def steps(count: int) -> int:
        before = LifeMarks(UTC).times_before([b"  a trace"] * count, None)
        return lines_run(lambda: [before(n) for n in range(count)])

    assert steps(800) < 12 * steps(100)
