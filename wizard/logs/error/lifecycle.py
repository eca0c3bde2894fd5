"""A server's life as its error log tells it. Starts, orderly shutdowns, crashes, unclean ends.

The rule: a start that is not preceded by "Shutdown complete" ended uncleanly. It is the only
one that holds for every flavour and version, because a killed server writes nothing. Before
the first line of a log nothing is known, so its first start is no restart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from wizard.logs.error.marks import CRASHES, DETAILS, DOOMS, STARTS, STOPS, Mark, MarkKind
from wizard.logs.error.run import Run, RunEnding


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The runs in order. `loops` are sequences of runs that died one soon after another."""

    runs: tuple[Run, ...]
    loops: tuple[tuple[Run, ...], ...]

    def ended(self, *endings: RunEnding) -> tuple[Run, ...]:
        return tuple(r for r in self.runs if r.ending in endings and r.counts)

    @property
    def last(self) -> Run | None:
        return self.runs[-1] if self.runs else None


LOOP_DEATHS = 3
LOOP_SECONDS = 600.0
"""A crash loop: at least so many runs that died, each within so many seconds of its start."""

NEAR_SECONDS = 60.0
"""A killed server's last line is taken as the time of its death if the next start follows
within so many seconds; otherwise the death is put `BEFORE_START` before that start."""

BEFORE_START = timedelta(seconds=10)

_BAD = (RunEnding.CRASH, RunEnding.UNCLEAN, RunEnding.FAILED)


def lifecycle(
    marks: Iterable[Mark], lines_before: bool = False, last: datetime | None = None
) -> Lifecycle:
    """The runs that `marks` tell of, in the order of the log.

    `lines_before` says that the log holds lines of a running server before the first mark, so
    that even the first start ends a run. `last` is the time of the log's last line.
    """
    story = _Story(lines_before)
    for mark in marks:
        story.tell(mark)
    runs = story.finished(last)
    return Lifecycle(runs, _loops(runs))


class _Story:
    """The runs so far; the last one is the current one."""

    def __init__(self, lines_before: bool) -> None:
        self.runs: list[Run] = [Run(known=False)] if lines_before else []
        self._served = lines_before
        self._temporary = False

    def tell(self, mark: Mark) -> None:
        if mark.kind in STARTS or mark.kind is MarkKind.INITIALIZE:
            self._start(mark)
        elif mark.kind is MarkKind.TEMPORARY:
            self._temporary = True
        else:
            self._happen(self._current(), mark)

    def finished(self, last: datetime | None) -> tuple[Run, ...]:
        self._return_second()
        if self.runs and self.runs[-1].ending is RunEnding.NONE:
            _leave_as_told(self.runs[-1])
        if self.runs and _is_outlived(self.runs[-1], last):
            self.runs.append(Run(known=False))
        for index, run in enumerate(self.runs):
            later = [r for r in self.runs[index + 1 :] if not r.second]
            run.next_start = next((r.started for r in later), None)
            run.back = next((r.ready for r in later if r.ready and not r.initialize), None)
        return tuple(self.runs)

    def _current(self) -> Run:
        if not self.runs:
            self.runs.append(Run(known=False))
        return self.runs[-1]

    def _start(self, mark: Mark) -> None:
        current = self.runs[-1] if self.runs else None
        if current is not None and _same_start(current, mark):
            current.pid = mark.pid or current.pid
            return
        self._return_second()
        current = self.runs[-1] if self.runs else None
        if current is not None and current.ending is RunEnding.NONE and not current.initialize:
            _end_uncleanly(current, mark)
        self.runs.append(
            Run(
                started=mark.at,
                pid=mark.pid,
                line=mark.line,
                initialize=mark.kind is MarkKind.INITIALIZE,
                temporary=self._temporary,
            )
        )
        self._temporary = False

    def _return_second(self) -> None:
        """A second server that found the place taken proves that the first one was alive."""
        if len(self.runs) < 2 or not self.runs[-1].second:
            return
        first = self.runs[-2]
        if first.ending is RunEnding.UNCLEAN:
            first.ending, first.ended, first.estimated = RunEnding.NONE, None, False
            first.excerpt.clear()
            self.runs[-2:] = [self.runs[-1], first]
        elif first.ending is not RunEnding.NONE and not first.second:
            self.runs[-1].second = False

    def _of_second(self, run: Run) -> bool:
        """Whether "Shutdown complete" is the second server's: MySQL writes it after "Aborting",
        and `run` was not asked to stop."""
        return len(self.runs) > 1 and self.runs[-2].second and run.stop_asked is None

    def _happen(self, run: Run, mark: Mark) -> None:
        kind = mark.kind
        if kind is MarkKind.READY:
            run.ready, run.port = mark.at or mark.before, mark.port
            _unstick(run)
        elif kind is MarkKind.VERSION:
            run.ready = run.ready or mark.before
            run.port = mark.port
        elif kind is MarkKind.INITIALIZED:
            run.ending, run.ended = RunEnding.SHUTDOWN, mark.at
        elif kind in (MarkKind.SECOND_SERVER, MarkKind.DATADIR_LOCKED):
            run.second = _sticks(run, mark)
        elif kind in DOOMS:
            run.doomed = (run.known or not self._served) and _sticks(run, mark)
        elif kind is MarkKind.ABORT:
            _fail(run, mark)
            self._return_second()
        elif kind in STOPS:
            run.stop_asked = run.stop_asked or mark.at
            run.who = run.who or mark.who
            run.excerpt.append(mark.text)
        elif kind is MarkKind.STOPPED and not self._of_second(run):
            _stop(run, mark)
        elif kind in CRASHES:
            _crash(run, mark)
        elif kind in DETAILS and run.ending is RunEnding.CRASH and mark.text not in run.excerpt:
            run.excerpt.append(mark.text)
        if run.port == 0:
            run.temporary = True


def _same_start(run: Run, mark: Mark) -> bool:
    """Whether `mark` is a further line of the start that `run` began with.

    MySQL 8.4 and later print a banner (MY-015015, MY-015017) before the line with the pid.
    """
    if run.ready or run.ending is not RunEnding.NONE or not run.known or run.pid is not None:
        return False
    return mark.kind in (MarkKind.START, MarkKind.INITIALIZE) and mark.pid is not None


def _leave_unfinished(run: Run) -> bool:
    """Note a shutdown that was asked for and whose end nobody wrote.

    It is a shutdown all the same, for the sessions ended with it.
    """
    if run.stop_asked is None:
        return False
    run.ending, run.unfinished = RunEnding.SHUTDOWN, True
    run.ended = run.stop_asked
    return True


def _sticks(run: Run, mark: Mark) -> bool:
    """Note why a start cannot come to its end: it gives up, whether or not the log goes on."""
    if run.ready is not None or run.ending is not RunEnding.NONE:
        return False
    run.stuck, run.line = run.stuck or mark.at or mark.before, mark.line
    run.excerpt = [text for text in (mark.error, mark.text) if text]
    return True


def _unstick(run: Run) -> None:
    """Forget why a start could not come to its end: it did."""
    if run.second or run.doomed:
        run.second = run.doomed = False
        run.stuck = run.line = None
        run.excerpt.clear()


def _leave_as_told(run: Run) -> bool:
    """End a run whose lines told what would become of it, and not that it did.

    A start that is stuck gives up, and a shutdown that was asked for ends.
    """
    if run.second or run.doomed:
        run.ending, run.ended = RunEnding.FAILED, run.stuck
        return True
    return _leave_unfinished(run)


def _is_outlived(run: Run, last: datetime | None) -> bool:
    """Whether a server that found its place taken was followed by lines of the one that has it."""
    if not run.second or run.ended is None or last is None:
        return False
    return (last - run.ended).total_seconds() > LOOP_SECONDS


def _end_uncleanly(run: Run, start: Mark) -> None:
    """`run` left no word of its end; it was over when `start` was written."""
    if _leave_as_told(run):
        return
    run.ending, run.estimated = RunEnding.UNCLEAN, True
    near = (
        start.before is not None
        and start.at is not None
        and 0 <= (start.at - start.before).total_seconds() <= NEAR_SECONDS
    )
    if start.at is not None:
        run.ended = start.before if near else start.at - BEFORE_START
        run.lived = None if near else start.before or run.ready or run.started
    run.line = start.line
    run.excerpt.append(start.text)


def _fail(run: Run, mark: Mark) -> None:
    """ "Aborting": a start that failed, or a running server that gave up."""
    if run.ending in (RunEnding.CRASH, RunEnding.SHUTDOWN):
        return
    run.ending = RunEnding.CRASH if run.ready else RunEnding.FAILED
    run.ended, run.line = mark.at, mark.line
    run.excerpt = [text for text in (mark.error, mark.text) if text]


def _stop(run: Run, mark: Mark) -> None:
    """ "Shutdown complete". MySQL writes it after a failed start too; that stays failed."""
    if run.ending in (RunEnding.NONE, RunEnding.UNCLEAN):
        run.ending, run.line = RunEnding.SHUTDOWN, mark.line
        run.excerpt.append(mark.text)
    if run.ending is RunEnding.SHUTDOWN:
        run.ended = mark.at or mark.before


def _crash(run: Run, mark: Mark) -> None:
    """A crash's first line sets its time; what follows (signal after assertion) is detail."""
    if run.ending is RunEnding.CRASH:
        if not mark.again and mark.text not in run.excerpt:
            run.excerpt.append(mark.text)
        return
    if mark.again and run.ending is not RunEnding.NONE:
        return
    run.ending, run.ended, run.line = RunEnding.CRASH, mark.at or mark.before, mark.line
    run.excerpt = [mark.text]


def _loops(runs: tuple[Run, ...]) -> tuple[tuple[Run, ...], ...]:
    found: list[tuple[Run, ...]] = []
    current: list[Run] = []
    for run in (r for r in runs if r.counts):
        if run.ending in _BAD and _short(run):
            current.append(run)
            continue
        if len(current) >= LOOP_DEATHS:
            found.append(tuple(current))
        current = []
    if len(current) >= LOOP_DEATHS:
        found.append(tuple(current))
    return tuple(found)


def _short(run: Run) -> bool:
    if run.started is None or run.ended is None:
        return False
    return (run.ended - run.started).total_seconds() <= LOOP_SECONDS
