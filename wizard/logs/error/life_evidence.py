"""How the server's runs ended, as evidence. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from wizard.case.case import Window
from wizard.case.evidence import MAX_OCCURRENCES, Evidence, Occurrence
from wizard.logs.error.reading import Reading
from wizard.logs.error.run import Run, RunEnding
from wizard.units import moment

DOWN = ("state.refused", "state.no-socket")

LIFE_SIGNALS = (
    "log.shutdown",
    "log.crash",
    "log.unclean-end",
    "log.crash-loop",
    "log.startup-failed",
)


def life_evidence(
    reading: Reading,
    window: Window,
    unreachable: bool,
    answered: Sequence[datetime] = (),
    missed: datetime | None = None,
    goes_on: bool = False,
) -> tuple[Evidence, ...]:
    """How runs ended in the window. `unreachable` says that nothing listens now, so that a log
    which breaks off in the middle of a run is an unclean end. The server lived whenever it
    `answered`: a death that no line tells came after that, whenever the last line was. It was gone
    at `missed`, which is of the time before the last start. A start that found its place taken is
    another server's, unless nothing listens and the log tells of no other. The last run `goes_on`
    where its process is still there."""
    life = reading.life
    alone = unreachable and all(r.second for r in life.runs)
    runs = [
        _missed(_outlived(r, answered), missed)
        for r in life.runs
        if _touches(r, window, r is life.last and unreachable) or _is_undated(r, reading)
    ]
    wanted = (
        ("log.shutdown", RunEnding.SHUTDOWN),
        ("log.crash", RunEnding.CRASH),
        ("log.unclean-end", RunEnding.UNCLEAN),
        ("log.startup-failed", RunEnding.FAILED),
    )
    found = [
        _of_runs(signal, [r for r in runs if r.ending is ending and (r.counts or alone)], reading)
        for signal, ending in wanted
    ]
    found.append(_loop(reading, window))
    cut = [r for r in runs if r.unfinished and not (goes_on and r.next_start is None)]
    found.append(_of_runs("log.shutdown-unfinished", cut, reading))
    if breaks_off(reading, unreachable) and life.last is not None:
        found.append(_broken_off(life.last, reading, max(answered, default=None)))
    return tuple(e for e in found if e is not None)


def is_down(reading: Reading, facts: Iterable[Evidence]) -> bool:
    """Whether a connection found nobody listening, and the log was not written to since.

    A server that is started meanwhile writes there before it listens. A line of a time that is
    yet to come is of another clock or zone, and tells nothing of that.
    """
    refused = [fact for fact in facts if fact.signal in DOWN]
    at = max((fact.last for fact in refused if fact.last is not None), default=None)
    last = reading.scan.last
    since = at is not None and last is not None and at < last <= datetime.now(UTC)
    return bool(refused) and not since


def breaks_off(reading: Reading, unreachable: bool) -> bool:
    """Whether the log ends in the middle of a run, and nothing listens now.

    Lines without any time, as people paste them, do not tell where a run ends.
    """
    last = reading.life.last
    if not reading.understood or reading.scan.last is None:
        return False
    return unreachable and reading.to_its_end and last is not None and last.ending is RunEnding.NONE


def _touches(run: Run, window: Window, down_now: bool) -> bool:
    """Whether the run ended in the window, or the outage after it reaches into it."""
    if window.holds(run.ended) or window.holds(run.next_start if run.estimated else None):
        return True
    if run.ended is None or run.ended > window.until:
        return False
    return down_now if run.back is None else run.back >= window.since


def _is_undated(run: Run, reading: Reading) -> bool:
    """Whether it crashed in a log that tells no time at all, as people paste the report of one."""
    return reading.begins is None and run.ending is RunEnding.CRASH and run.ended is None


def _outlived(run: Run, answered: Sequence[datetime]) -> Run:
    """The run, its death no earlier than the server's last answer in it."""
    if run.ending is not RunEnding.UNCLEAN or run.ended is None or run.next_start is None:
        return run
    answers = [at for at in answered if at < run.next_start]
    lived = max((at for at in (*answers, run.lived) if at is not None), default=None)
    if lived is None:
        return run
    return replace(run, lived=lived, ended=max(run.ended, lived))


def _missed(run: Run, missed: datetime | None) -> Run:
    """The run, its guessed death no later than when it was met gone."""
    if missed is None or run.ending is not RunEnding.UNCLEAN:
        return run
    if run.lived is None or run.next_start is None or not run.lived <= missed <= run.next_start:
        return run
    return replace(run, missed=missed, ended=missed)


def _of_runs(signal: str, runs: Sequence[Run], reading: Reading) -> Evidence | None:
    if not runs:
        return None
    spans = [_span(run) for run in runs]
    times = [s.at for s in spans if s.at is not None]
    latest = runs[-1]
    line = f", line {latest.line}" if latest.line else ""
    return Evidence(
        signal,
        _told(signal, runs),
        f"error log {reading.path}{line}",
        count=len(runs),
        first=min(times, default=None),
        last=max(times, default=None),
        excerpt="\n".join(latest.excerpt),
        occurrences=tuple(spans[-MAX_OCCURRENCES:]),
    )


def _span(run: Run) -> Occurrence:
    """The time of an outage.

    Sessions end when a shutdown is asked for, and begin again when the next run is ready. An end
    that is guessed may have come so many seconds earlier; none where it is the last line's time.
    """
    at = run.stop_asked or run.ended
    guessed = at is not None and run.ending is RunEnding.UNCLEAN and run.estimated
    unsure = (at - (run.lived or at)).total_seconds() if guessed and at is not None else None
    return Occurrence(
        at=at,
        until=run.back,
        seconds=None if unsure is None else max(0.0, unsure),
        line=run.line,
    )


def _told(signal: str, runs: Sequence[Run]) -> str:
    run = runs[-1]
    at = _clock(run.stop_asked or run.ended)
    back = f"; ready again at {_clock(run.back)}" if run.back else "; not ready again since"
    pid = f" (process {run.pid})" if run.pid else ""
    times = ""
    if len(runs) > 1:
        once = signal in ("log.shutdown", "log.shutdown-unfinished", "log.startup-failed")
        times = f"{len(runs)} times, last{'' if once else pid} "
        pid = ""
    match signal:
        case "log.shutdown":
            who = f", asked by {_asker(run.who)}" if run.who else ""
            return f"an orderly shutdown {times}at {at}{who}{back}"
        case "log.shutdown-unfinished":
            return (
                f"the shutdown {times}of {at} never came to its end in the log: it was cut short "
                f"(a supervisor's time limit, a kill), or goes on{back}"
            )
        case "log.crash":
            return f"the server{pid} crashed {times}at {at}{back}"
        case "log.startup-failed":
            reason = f": {run.excerpt[0]}" if run.excerpt else ""
            return f"a start failed {times}at {at}{reason}"
        case _ if run.missed and run.lived:
            return (
                f"the server{pid} went away {times}between {_time(run.lived)} and "
                f"{_clock(run.missed)} without a shutdown or crash in the log{back}"
            )
        case _:
            return (
                f"the server{pid} was gone {times}before {_clock(run.next_start)} without a "
                f"shutdown or crash in the log; the time of its end is an estimate{back}"
            )


def _asker(who: str) -> str:
    return "a signal or the service manager" if who in ("unknown", "<via user signal>") else who


def _loop(reading: Reading, window: Window) -> Evidence | None:
    loops = [x for x in reading.life.loops if any(window.holds(r.ended) for r in x)]
    if not loops:
        return None
    runs = loops[-1]
    spans = tuple(_span(run) for run in runs)
    return Evidence(
        "log.crash-loop",
        f"the server died {len(runs)} times between {_clock(runs[0].ended)} and "
        f"{_clock(runs[-1].ended)}, each time soon after its start",
        f"error log {reading.path}",
        count=len(runs),
        first=spans[0].at,
        last=spans[-1].at,
        excerpt="\n".join(runs[-1].excerpt),
        occurrences=spans,
    )


def _broken_off(run: Run, reading: Reading, answered: datetime | None) -> Evidence:
    place = reading.scan.last_place
    last = reading.scan.last or run.ready or run.started
    lived = answered if answered is not None and (last is None or answered > last) else None
    answer = f", the server still answered at {_clock(lived)}" if lived else ""
    at = lived or last
    return Evidence(
        "log.unclean-end",
        f"the log ends in the middle of a run; its last line is of {_clock(last)}{answer}, and "
        "nothing listens now",
        f"error log {place or reading.path}",
        first=at,
        last=at,
        excerpt="",
        occurrences=(
            Occurrence(at=at, until=None, seconds=0.0, line=place.line if place else None),
        ),
    )


def _time(at: datetime) -> str:
    """Before a moment of the same zone that names the date."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _clock(at: datetime | None) -> str:
    return "an unknown time" if at is None else moment(at.astimezone(UTC))
