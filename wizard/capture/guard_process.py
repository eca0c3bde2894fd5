"""The guard: a program of its own, in a session of its own, that puts the log back.

`python -m wizard.capture.guard_process` reads JSON lines: the target, then the plan, then `stop`
and `done`. The end of its input, however that comes about, is the word to put the log back and to
clean up. It answers each word with one JSON line, and says by itself when the server has ended
the capture. It outlives SIGKILL of the wizard, a closed terminal and a lost login (setsid(2)).
"""

import json
import os
import select
import signal
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from wizard.capture.growth import Growth
from wizard.capture.journal import CaptureJournal, CaptureJournalError, CaptureState
from wizard.capture.logging_state import CaptureKind
from wizard.capture.plan import TIME_OVER, CapturePlan, MayBeOn, Where
from wizard.capture.sweeper import Sweeper
from wizard.capture.switch import Switch
from wizard.capture.target_line import from_json
from wizard.safety.errors import WizardError
from wizard.safety.operator_line import operator_line
from wizard.server.pymysql_session import PyMySqlConnector

_TICK = 0.5
"""Seconds between two looks whether the server has ended the capture."""

_READING_SECONDS = 100.0
"""How long the wizard may read after the log is off, before the guard cleans up."""


class Words:
    """The wizard's words, and its silence. `gone` is true from the end of the input on."""

    def __init__(self) -> None:
        self._buffer = b""
        self.gone = False
        self.terminated = False
        for quiet in (signal.SIGINT, signal.SIGHUP):
            signal.signal(quiet, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._terminate)

    def next(self, seconds: float | None) -> dict[str, Any] | None:
        """The next word, or None where none came in time or none will."""
        give_up = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._buffer and not (self.gone or self.terminated):
            left = _TICK if give_up is None else min(_TICK, give_up - time.monotonic())
            if give_up is not None and left <= 0:
                return None
            if not select.select([0], [], [], max(left, 0))[0]:
                continue
            data = os.read(0, 1 << 16)
            self.gone = not data
            self._buffer += data
        line, newline, rest = self._buffer.partition(b"\n")
        if not newline:
            return None
        self._buffer = rest
        word: dict[str, Any] = json.loads(line)
        return word

    def _terminate(self, _number: int, _frame: object) -> None:
        self.terminated = True


def main() -> None:
    words = Words()
    first = words.next(None)
    if first is None:
        return
    sweeper = Sweeper()
    switch = Switch(PyMySqlConnector(from_json(first["target"])))
    try:
        connection_id = switch.lock(int(first["seconds"]))
        say(event="locked", connection_id=connection_id)
        second = words.next(None)
        if second is None or "plan" not in second:
            return
        plan = plan_from_json(second["plan"])
        journal = CaptureJournal(Path(second["journal"]))
        # What is written from the first moment on counts: the wizard is told only later.
        with closing(Growth(plan, switch)) as growth:
            sweeper.expect(plan.own_file)
            _switch_on(switch, plan, journal, second["id"])
            sweeper.came()
            say(event="on", in_server=switch.in_server)
            _watch_over(words, switch, plan, growth)
        _note(journal, second["id"], CaptureState.RESTORED)
        say(event="clean")
    except WizardError as error:
        say(event="failed", text=operator_line(error), advice=getattr(error, "advice", ""))
    finally:
        with suppress(WizardError):
            switch.close()
        sweeper.close()


def _switch_on(switch: Switch, plan: CapturePlan, journal: CaptureJournal, entry_id: str) -> None:
    try:
        switch.switch_on(plan)
    except MayBeOn:
        raise
    except WizardError:
        _note(journal, entry_id, CaptureState.NEVER_ON)
        raise


def _watch_over(words: Words, switch: Switch, plan: CapturePlan, growth: Growth) -> None:
    """Until the capture ends, however it does; then the log is back, and nothing is left."""
    give_up = time.monotonic() + plan.seconds
    why = ""
    while not words.gone and not words.terminated:
        if time.monotonic() >= give_up:
            why = TIME_OVER
            break
        word = words.next(_TICK)
        if word is not None and "file" in word:
            growth.watch(str(word["file"]))
        elif word is not None or _ended(switch) or (why := growth.reached()):
            break
    how = switch.put_back()
    say(event="off", text=how, why=why)
    if not words.gone and not words.terminated:
        _wait_for_reading(words)
    switch.clean_up()
    if plan.own_file:
        Path(plan.own_file).unlink(missing_ok=True)


def _wait_for_reading(words: Words) -> None:
    """Until the wizard has read. Its `stop` may come late, for a capture that just ended."""
    give_up = time.monotonic() + _READING_SECONDS
    while (word := words.next(give_up - time.monotonic())) is not None:
        if word.get("word") == "done":
            return


def _ended(switch: Switch) -> bool:
    """A server that does not answer is for `put_back` to wait for."""
    try:
        return switch.ended
    except WizardError:
        return True


def _note(journal: CaptureJournal, entry_id: str, state: CaptureState) -> None:
    """The log is as it was, whether or not that can be written down."""
    with suppress(CaptureJournalError):
        journal.move(entry_id, state)


def say(**words: Any) -> None:
    """To a wizard that may be gone."""
    with suppress(OSError):
        os.write(1, json.dumps(words).encode() + b"\n")


def plan_from_json(data: dict[str, Any]) -> CapturePlan:
    return CapturePlan(
        **{
            **data,
            "kind": CaptureKind(data["kind"]),
            "where": Where(data["where"]),
            "setup": tuple(data["setup"]),
            "restore": tuple(data["restore"]),
            "remarks": tuple(data["remarks"]),
        }
    )


if __name__ == "__main__":
    # A pipe to a wizard that is gone is no reason to end.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    main()
    sys.exit(0)
