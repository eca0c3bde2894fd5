"""Version: the server's release against its support calendar, and known faults that it has.

Nothing is looked up on a network: the calendar is data (knowledge/versions.toml), and says by
itself when it is old.

Facts: `supported_until` (ISO, or None where the series is not in the calendar), `calendar_of`
(ISO), `known_faults` (how many apply).
"""

from datetime import date, datetime, timedelta

from knowledge.load import (
    calendar_date,
    known_faults,
    newest_series,
    series_numbers,
    supported_until,
)
from knowledge.model import KnownFault
from wizard.case.evidence import Evidence, StepResult, StepStatus, Table
from wizard.server.flavor import series_of
from wizard.server.session import ServerInfo
from wizard.steps import names
from wizard.steps.step import Context, Step

OLD = timedelta(days=365)
"""A calendar older than this may lack what has ended since."""

LOOKED_FOR = ("version.known-fault",)


def run(context: Context) -> StepResult:
    info = context.need_server().info
    today = datetime.now().astimezone().date()
    series = series_of(info.flavor, info.numbers)
    until, of = supported_until(series), calendar_date()
    faults = tuple(f for f in known_faults() if f.hits(series, info.numbers))
    return StepResult(
        STEP.id,
        StepStatus.DONE,
        headline=f"{info.version}: {_support(series, until, today)}",
        evidence=tuple(_evidence(info, fault) for fault in faults),
        looked_for=LOOKED_FOR,
        tables=(_table(info, series, until, of, faults, today),),
        notes=_notes(of, today),
        facts={
            "supported_until": None if until is None else until.isoformat(),
            "calendar_of": of.isoformat(),
            "known_faults": len(faults),
        },
    )


def _support(series: str, until: date | None, today: date) -> str:
    """How long it is corrected. Series that are for years stand in the calendar; the others end
    with the next one."""
    if until is None:
        newest = newest_series(series.partition("-")[0])
        if series_numbers(series) < series_numbers(newest):
            return f"no corrections any more: a short or old series, and {newest} is out"
        return f"its series is newer than the calendar, which knows {newest}"
    if today > until:
        return f"no corrections since {until}"
    return f"corrections until {until}"


def _evidence(info: ServerInfo, fault: KnownFault) -> Evidence:
    return Evidence(
        "version.known-fault",
        f"{info.version} has a fault that was mended in {fault.fixed_in}: {fault.text}",
        fault.url,
    )


def _table(
    info: ServerInfo,
    series: str,
    until: date | None,
    of: date,
    faults: tuple[KnownFault, ...],
    today: date,
) -> Table:
    rows = [
        ("flavour", info.flavor),
        ("version", info.version),
        ("series", series),
        ("support", _support(series, until, today)),
        *((f"fault, mended in {f.fixed_in}", f"{f.text} ({f.url})") for f in faults),
        ("calendar of", of.isoformat()),
    ]
    return Table("The server's release", ("what", "value"), tuple(rows))


def _notes(of: date, today: date) -> tuple[str, ...]:
    told = []
    if today - of > OLD:
        told.append(f"the calendar is of {of}, more than a year old: look at the maker's own page")
    told.append("an old release is a reason to upgrade, and no proof of what cut a connection")
    return tuple(told)


STEP = Step(*names.VERSION, run)
