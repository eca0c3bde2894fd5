"""What is known of a server from one look to the next: when it answered, or did not."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from wizard.case.evidence import Scalar
from wizard.case.moments import moment_of
from wizard.steps import names
from wizard.steps.step import Context

LASTING = (
    "flavor",
    "version",
    "series",
    "hostname",
    "datadir",
    "port",
    "socket",
    "pid_file",
    "log_error",
    "time_zone",
    "server_time_offset_seconds",
    "answered_at",
    "answered_before_start",
    "missed_before_start",
    "clock_skew_seconds",
)
"""Facts that hold for a server that does not answer any more. Its time of start is none of them:
by that alone another server's process could be taken for it."""

_UPTIME_UNIT = timedelta(seconds=1)
"""What a time of start that is reckoned from Uptime may be early or late by."""

_STARTED_AGAIN = timedelta(minutes=2)
"""A session that was lost so shortly before a start was lost to the end before it. An earlier loss
may have been a KILL, and the server may have lived on."""


def still_known(context: Context, met_nobody: bool) -> dict[str, Scalar]:
    """Where a server that answered before keeps its files, and when it was heard and missed.

    Its log is wanted most once it is gone.
    """
    known = _known(context)
    lasting = {name: known[name] for name in LASTING if name in known}
    heard = _by_its_clock(context.answered, known)
    greeted = moment_of(known.get("answered_at"))
    if heard is not None and (greeted is None or heard > greeted):
        lasting["answered_at"] = heard.isoformat()
    if met_nobody:
        lasting["missed_at"] = min(_misses(context, known)).isoformat()
    return lasting


def answered_before(context: Context, started: datetime | None) -> str | None:
    """When the server last answered in an earlier life: it did not die before that."""
    if started is None:
        return None
    known = _known(context)
    told = (moment_of(known.get(name)) for name in ("answered_at", "answered_before_start"))
    answers = (at for at in (*told, _by_its_clock(context.answered, known)) if at is not None)
    end = started if _same_life(known, started) else started + _UPTIME_UNIT
    earlier = [min(at, started) for at in answers if at < end]
    return max(earlier).isoformat() if earlier else None


def missed_before(context: Context, started: datetime | None) -> str | None:
    """When the wizard first met nobody before the server's last start: it died before that."""
    if started is None:
        return None
    known, end = _known(context), started + _UPTIME_UNIT
    missed = moment_of(known.get("missed_at")) or moment_of(known.get("missed_before_start"))
    lost = _by_its_clock(context.lost, known)
    if lost is not None and missed is None and end - lost <= _STARTED_AGAIN:
        missed = lost
    return min(missed, started).isoformat() if missed is not None and missed < end else None


def _known(context: Context) -> Mapping[str, Scalar]:
    before = context.case.step(names.CONNECTION.id)
    return before.facts if before is not None else {}


def _misses(context: Context, known: Mapping[str, Scalar]) -> Iterator[datetime]:
    """Moments since the last answer at which nobody was met: now, and those before it."""
    now = datetime.now(UTC)
    yield _by_its_clock(now, known) or now
    missed = moment_of(known.get("missed_at"))
    if missed is not None:
        yield missed
    lost = _by_its_clock(context.lost, known)
    if lost is not None:
        yield lost


def _by_its_clock(at: datetime | None, known: Mapping[str, Scalar]) -> datetime | None:
    """A moment of this machine's by the server's clock, as far as that is known."""
    skew = known.get("clock_skew_seconds")
    if at is None or not isinstance(skew, int | float):
        return None
    return at + timedelta(seconds=skew)


def _same_life(known: Mapping[str, Scalar], started: datetime) -> bool:
    """Whether the server that was met before is the one that runs now, or may be."""
    met = moment_of(known.get("started_at"))
    return met is not None and abs(met - started) <= 2 * _UPTIME_UNIT
