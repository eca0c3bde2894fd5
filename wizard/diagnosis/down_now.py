"""A server that nobody answers for now: since when, why it ended, how it is started. Pure.

While it is down, that comes before what its failures had as a cause when it still answered.
The screens' first paint imports this, and nothing of the knowledge.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wizard.case import facts
from wizard.case.case import Case
from wizard.case.evidence import StepStatus
from wizard.case.moments import moment_of
from wizard.diagnosis.model import Diagnosis, Finding, Reason
from wizard.units import moment

START = "start-server"
"""The remedy of a server that does not run."""

HELD = "host.process-stopped"
"""A process that runs no instruction."""
RUNS = "log.process-runs"
"""A process that runs and does not listen: it starts, recovers, or shuts down."""

_FOUND = (HELD, RUNS, "state.no-greeting", "state.no-socket", "state.refused", "state.timeout",
          "state.unreachable")  # fmt: skip
"""How it may be met, the most telling first: a process that is held says why nobody answers."""

_LET_GO_ON = "kill -CONT and its process number let it go on; see first who stopped it"
_WAIT = {
    "starting": "wait until it is ready, as its error log will tell; start no second one",
    "stopping": "wait until its process has ended, as a kill makes the next start longer",
}
_LISTENS_ELSEWHERE = "see where it listens (ss -ltnp, its option files); start no second one"
OUT_OF_REACH = "see first whether it runs: here it cannot be reached, which is not the same"
"""What is said for a command where a start is not, or may not be, what it wants."""

_NOT_THERE = ("state.no-socket", "state.refused")
"""Met where nothing listens; else it may run and not be reached."""

_TOLD_END = (
    "derived.start-failed",
    "derived.oom-killed",
    "log.supervisor-oom",
    "log.crash-loop",
    "log.crash",
    "derived.died-of-signal",
    "log.supervisor-crash",
    "derived.stopped",
    "log.supervisor-stopped",
    "host.service-killed",
    "log.supervisor-killed",
    "derived.died-without-trace",
    "derived.oom-maybe",
    "log.unclean-end",
)
"""Who tells how a run of the server ended, the most telling first."""


_BY_OTHERS = ("log.supervisor-", "derived.oom-maybe")
"""Who tells of an end in the server's stead."""

_NOTICED = timedelta(hours=1)
"""Within this time of its end an application that is refused has met that it is gone."""

_NOBODY = frozenset({"client.refused", "client.unreachable"})

_WITHOUT_A_WORD = {
    "derived.died-without-trace": "its log breaks off: no shutdown, no crash report, no OOM record",
    "log.unclean-end": "its log breaks off without a word of it",
}
"""In short what these signals tell at length; the times are told beside it."""


@dataclass(frozen=True, slots=True)
class DownNow:
    """Parts of sentences without a full stop.

    `met` is what the wizard met, `since` when it ended as far as that is known, `ended` what is
    known of why, `start` how it is started on its machine, or how that is found out; where it
    `runs` it is what to do in place of that.
    """

    met: str
    since: str
    ended: str
    start: str
    runs: bool = False


def silent(diagnosis: Diagnosis) -> Finding | None:
    """The accused cause that says that no server answers at this moment, or None."""
    for finding in diagnosis.accused:
        if START in finding.remedies and _state(finding) is not None:
            return finding
    return None


def met_as(diagnosis: Diagnosis) -> str:
    """The signal of how a server that does not answer was met; "" where it answers."""
    finding = silent(diagnosis)
    state = _state(finding) if finding is not None else None
    return state.signal if state is not None else ""


def by_urgency(diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """The accused causes in the order in which they are to be acted on.

    A server that is down comes first, and before it only what it cannot be started without.
    """
    down, accused = silent(diagnosis), diagnosis.accused
    if down is None:
        return accused
    from knowledge.load import load

    earlier = set(load().remedies[START].after)
    forerunners = [f for f in accused if earlier.intersection(f.remedies)]
    return tuple(dict.fromkeys((*forerunners, down, *accused)))


def down_now(case: Case, diagnosis: Diagnosis) -> DownNow | None:
    """What is known of a server that does not answer; None where it does, or nobody asked."""
    from wizard.diagnosis.derived.standing import signs_of_life

    finding = silent(diagnosis)
    state = _state(finding) if finding is not None else None
    if state is None:
        return None
    lived = max(signs_of_life(case), default=None)
    return DownNow(
        state.text,
        _since(lived, moment_of(case.fact(facts.MISSED_AT)) or state.last, state.signal),
        _ended(case, diagnosis, lived, state.signal),
        how_to_start(case, state.signal),
        runs=state.signal == RUNS,
    )


def _state(finding: Finding) -> Reason | None:
    met = [r for r in finding.supports if r.signal in _FOUND]
    return min(met, key=lambda r: _FOUND.index(r.signal), default=None)


def _since(lived: datetime | None, missed: datetime | None, met: str) -> str:
    """Only where nothing listens it has ended: else it may run, and answer nobody here."""
    if missed is None:
        return "since when is not known"
    if lived is None or lived > missed:
        state = "down" if met in _NOT_THERE else "no answer"
        return f"{state} at {_clock(missed)}; since when is not known"
    first, last = lived.astimezone(UTC), missed.astimezone(UTC)
    end = f"{last:%H:%M:%S} UTC" if first.date() == last.date() else moment(last)
    if met == RUNS:
        return f"it let nobody in at {end}"
    what = "ended" if met in _NOT_THERE else "fell silent"
    return f"it {what} between {first:%Y-%m-%d %H:%M:%S} and {end}"


def _ended(case: Case, diagnosis: Diagnosis, lived: datetime | None, met: str) -> str:
    """What tells of the last end: nothing that it outlived does."""
    if met == HELD:
        return "it has not ended: its process is there, and is held"
    if met == RUNS:
        return "it has not ended: its process is there"
    told = [
        reason
        for finding in diagnosis.findings
        for reason in finding.supports
        if reason.signal in _TOLD_END
        and reason.last is not None
        and (lived is None or reason.last >= lived)
        and not _is_of_before(case, reason)
    ]
    if told:
        best = min(told, key=lambda r: _TOLD_END.index(r.signal))
        return _WITHOUT_A_WORD.get(best.signal, best.text)
    unknown = "why it ended" if met in _NOT_THERE else "whether it ended"
    log = case.step("error-log")
    if log is None or log.status is not StepStatus.DONE:
        reason = f" ({log.reason})" if log is not None and log.reason else ""
        return f"{unknown} is not known: its error log was not read{reason}"
    return f"{unknown} is not known: its error log tells of no end"


def _is_of_before(case: Case, reason: Reason) -> bool:
    """Whether the application met nobody only long after the end that it tells of.

    It is not the server's log that tells it: whether that was started since is not known.
    """
    end = reason.last
    if end is None or not reason.signal.startswith(_BY_OTHERS):
        return False
    refused = [f.at for f in case.failures if f.signal in _NOBODY and f.at and f.at > end]
    return bool(refused) and min(refused) - end > _NOTICED


def how_to_start(case: Case, met: str) -> str:
    """The command that starts it on its machine; `met` as `met_as` has it."""
    if met == RUNS:
        return _WAIT.get(str(case.fact(facts.PROCESS_STATE)), _LISTENS_ELSEWHERE)
    if met == HELD:
        command = case.fact(facts.LET_GO_ON)
        return f"{command}; see first who stopped it" if command else _LET_GO_ON
    units = str(case.fact(facts.UNITS_AT_REST) or "").split()
    container = str(case.fact(facts.DEAD_CONTAINER) or "").split()
    if len(container) > 1:
        return f"{container[0]} start {container[1][:12]}"
    if len(units) == 1:
        return f"systemctl start {units[0].removesuffix('.service')}"
    if units:
        return f"systemctl start UNIT, where UNIT is one of {', '.join(units)}"
    if met in _NOT_THERE:
        return "start it as it was started before: no service is known here"
    return OUT_OF_REACH


def _clock(at: datetime) -> str:
    return moment(at.astimezone(UTC))
