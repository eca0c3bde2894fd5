"""Where `watch` tells its events: stdout, the files, the totals, the operator's command."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

from wizard.commands.terminal import print_lines, remark
from wizard.investigation.run import Investigation
from wizard.logs.recorded.note import Note
from wizard.recorder.event import EventKind, RecorderEvent, as_json, as_text
from wizard.recorder.hook import Hook
from wizard.recorder.metrics import Totals, write_metrics
from wizard.recorder.presence import Presence
from wizard.recorder.recording import Recording
from wizard.recorder.sample import Sample
from wizard.safety.private_file import CannotWriteError
from wizard.safety.system_words import in_words
from wizard.units import duration, moment

SIGN_EVERY = 30.0
"""Seconds after which the recording is marked anew as being looked after."""

_OUTAGE = frozenset((EventKind.SERVER_DOWN, EventKind.SERVER_UP))


class Outlets:
    """Raises RecordingError, RecordingInUse and UsageError at once for what cannot be."""

    def __init__(
        self, style: str, directory: Path | None, metrics: Path | None, command: str | None
    ) -> None:
        self._tell = as_json if style == "json" else as_text
        self._hook = Hook(command, remark) if command is not None else None
        self._recording = Recording(directory) if directory is not None else None
        self._metrics = metrics
        self._metrics_failed = ""
        self._totals = Totals()
        self._presence: Presence | None = None
        self._investigation: Investigation | None = None
        self._signed = 0.0

    def begin(self, investigation: Investigation) -> None:
        """The investigation is the one that will be watched."""
        self._investigation = investigation

    def tell(self, event: RecorderEvent) -> None:
        """Keep the event, print it at once, count it, run the command."""
        if self._recording is not None:
            if event.kind is EventKind.STARTED:
                self._say_gap(self._recording, event.at)
            self._keep(self._recording, event)
        print_lines((self._tell(event),))
        self._totals.add_event(event)
        if self._metrics is not None and event.kind in _OUTAGE:
            self._write(self._metrics)  # while the server is away no look writes them
        if self._hook is not None:
            self._hook.tell(event)

    def sampled(self, sample: Sample) -> None:
        """After each look."""
        self._totals.add_sample(sample)
        if self._presence is None:
            self._presence = self._present(sample)
        if self._recording is not None and time.monotonic() - self._signed > SIGN_EVERY:
            self._signed = time.monotonic()
            self._recording.looked()
        if self._metrics is not None:
            self._write(self._metrics)

    def reopen(self) -> None:
        """SIGHUP: what could not be written is tried again at once."""
        if self._recording is not None:
            self._recording.reopen()

    def close(self) -> None:
        """Give the files and the server to another recorder."""
        if self._hook is not None:
            self._hook.wait()
        if self._recording is not None:
            self._recording.close()
        if self._presence is not None:
            self._presence.close()

    def _say_gap(self, recording: Recording, now: datetime) -> None:
        """From the last look of an earlier recorder until now nobody looked."""
        last = recording.last_looked
        if last is None:
            return
        away = duration((now - last).total_seconds())
        text = f"no recorder ran for {away}, since {moment(last)}"
        gap = RecorderEvent(now, EventKind.GAP, text, began=last)
        print_lines((self._tell(gap),))
        recording.add(gap)

    def _keep(self, recording: Recording, event: RecorderEvent) -> None:
        """Add the event; that the recording ends, and goes on, is an event itself."""
        failed_before, lost = recording.failed, recording.lost
        kept = recording.add(event)
        if not kept and not failed_before:
            text = f"the recording has ended: {recording.failed}"
            print_lines((self._tell(RecorderEvent(event.at, EventKind.GAP, text)),))
        elif kept and failed_before:
            text = f"the recording goes on; {lost} events are not in it"
            gap = RecorderEvent(event.at, EventKind.GAP, text)
            print_lines((self._tell(gap),))
            recording.lost = 0
            recording.add(gap)

    def _present(self, sample: Sample) -> Presence:
        assert self._investigation is not None
        facts = self._investigation.case.target
        directory = (str(self._recording.directory),) if self._recording is not None else ()
        note = Note(
            sample.server, facts.label, facts.flavor, facts.version or "", os.getpid(), sample.at,
            directory,
        )  # fmt: skip
        if self._recording is not None:
            unsigned = self._recording.sign(note)
            if unsigned:
                remark(f"until it can be written nobody sees whose events these are: {unsigned}")
        presence = Presence(note)
        if presence.other is not None:
            remark(_already(presence.other))
        return presence

    def _write(self, path: Path) -> None:
        try:
            write_metrics(path, self._totals)
        except (CannotWriteError, OSError) as error:
            if not self._metrics_failed:
                remark(f"--metrics: {in_words(str(error))}")
            self._metrics_failed = str(error)
        else:
            self._metrics_failed = ""


def _already(other: Note) -> str:
    where = f" into {other.directories[0]}" if other.directories else ""
    return (
        f"a recorder of this server runs already: process {other.pid}, since "
        f"{moment(other.since)}{where}; this one runs beside it"
    )


@contextmanager
def stopped_by_signals(
    seconds: float | None, reopen: Callable[[], None]
) -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and the end of the time set; SIGHUP calls `reopen`.

    So the session is left with COM_QUIT.
    """
    stop = threading.Event()

    def leave(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    def again(_number: int, _frame: FrameType | None) -> None:
        reopen()

    handlers = {signal.SIGINT: leave, signal.SIGTERM: leave, signal.SIGHUP: again}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    timer = threading.Timer(seconds, stop.set) if seconds is not None else None
    if timer is not None:
        timer.daemon = True
        timer.start()
    try:
        yield stop
    finally:
        if timer is not None:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
