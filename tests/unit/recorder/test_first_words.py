"""What is said at once of a server that went, from a log's own lines and its process's state."""

from dataclasses import replace

import pytest

from wizard.diagnosis.model import Verdict
from wizard.logs.engine.block import Block
from wizard.logs.error.marks import Mark
from wizard.logs.error.run import RunEnding
from wizard.logs.error.scan import scan
from wizard.recorder import first_words as first_words_module
from wizard.recorder.first_words import OutOfMemory, Process, Remains, first_words

START = (
    "2026-11-28 12:00:09 0 [Note] Starting MariaDB 10.11.6-MariaDB source revision  as process 7"
)
READY = "2026-11-28 12:00:10 0 [Note] /usr/sbin/mariadbd: ready for connections."
STOP = "2026-11-28 12:00:00 0 [Note] /usr/sbin/mariadbd (initiated by: root[root] @ localhost []):"
STOP += " Normal shutdown"
STOPPED = "2026-11-28 12:00:01 0 [Note] /usr/sbin/mariadbd: Shutdown complete"
CRASH = "261128 12:00:00 [ERROR] mysqld got signal 11 ;"
MY_STOP = (
    "2026-11-28T12:00:00.000000Z 9 [System] [MY-013172] [Server] Received SHUTDOWN from user root."
    " Shutting down mysqld (Version: 9.7.0)."
)
MY_START = (
    "2026-11-28T12:00:09.000000Z 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld 9.7.0)"
    " starting as process 7"
)
WARNING = "2026-11-28 12:00:00 5 [Warning] Aborted connection 5 to db: 'a' user: 'b' host: 'c'"


def marks(*lines: str) -> tuple[Mark, ...]:
    data = "".join(f"{line}\n" for line in lines).encode()
    return scan([Block(data, "error.log", 0, None, len(data))]).marks


def said(
    *lines: str,
    process: Process = Process.UNKNOWN,
    memory: OutOfMemory = OutOfMemory.UNTOLD,
) -> tuple[str, Verdict] | None:
    words = first_words(Remains(marks(*lines), process, memory))
    return (words.cause, words.verdict) if words is not None else None


GONE, LIVES = Process.GONE, Process.LIVES
RESTARTED = ("server-restarted", Verdict.CONFIRMED)


@pytest.mark.parametrize(
    "lines",
    [(STOP,), (STOP, STOPPED), (STOP, STOPPED, START, READY), (MY_STOP,), (MY_STOP, MY_START)],
    ids=["asked for", "done", "back", "mysql", "mysql back"],
)
@pytest.mark.parametrize("process", Process)
def test_a_shutdown_is_told_however_far_it_is(lines: tuple[str, ...], process: Process) -> None:
    assert said(*lines, process=process) == RESTARTED


def test_a_shutdown_is_one_whatever_else_the_kernel_killed() -> None:
    assert said(STOP, process=GONE, memory=OutOfMemory.SOMEBODY) == RESTARTED


@pytest.mark.parametrize("lines", [(CRASH,), (CRASH, START, READY)], ids=["dead", "back"])
def test_a_crash_is_told_by_its_own_line(lines: tuple[str, ...]) -> None:
    words = first_words(Remains(marks(*lines), GONE))
    assert words is not None
    assert (words.cause, words.verdict) == ("server-crash", Verdict.CONFIRMED)
    assert not words.settled, "a crash may have a cause that the steps find"


@pytest.mark.parametrize("lines", [(), (WARNING,), (START,), (START, READY)])
def test_a_death_without_a_word(lines: tuple[str, ...]) -> None:
    assert said(*lines, process=GONE) == ("server-killed", Verdict.LIKELY)
    kernel = said(*lines, process=GONE, memory=OutOfMemory.SOMEBODY)
    assert kernel == ("server-oom-killed", Verdict.LIKELY)
    kernel = said(*lines, process=GONE, memory=OutOfMemory.THIS_ONE)
    assert kernel == ("server-oom-killed", Verdict.CONFIRMED)


def test_a_new_start_is_enough_where_the_machine_is_out_of_sight() -> None:
    assert said(START) == ("server-killed", Verdict.LIKELY)
    assert said(MY_START) == ("server-killed", Verdict.LIKELY)


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert said(WARNING) is None
    assert said(WARNING, process=LIVES) is None
    assert first_words(Remains(None, GONE)) is None, "a log out of sight is no silent log"
    assert first_words(Remains(None)) is None
    memory = first_words(Remains(None, GONE, OutOfMemory.THIS_ONE))
    assert memory is not None
    assert memory.cause == "server-oom-killed"


def test_a_line_of_the_log_is_told_without_its_secrets_and_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remains = Remains(marks(START, CRASH), GONE, OutOfMemory.UNTOLD)
    run = first_words_module._ended(remains.marks or ())
    assert run is not None
    line = "[ERROR] mysqld: unknown variable 'wsrep_sst_auth=a:Zs3ntinel', signal 11"
    told = replace(run, ending=RunEnding.CRASH, excerpt=[line])
    monkeypatch.setattr(first_words_module, "_ended", lambda _marks: told)
    words = first_words(remains)
    assert words is not None
    assert "unknown variable" in words.text
    assert "Zs3ntinel" not in words.text
