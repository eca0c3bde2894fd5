"""What a general log held, as tables for a screen or a report. Pure."""

from collections import defaultdict

from wizard import units
from wizard.case.evidence import Table
from wizard.logs.general.limits import GeneralLimits
from wizard.logs.general.patterns import vanished
from wizard.logs.general.sessions import RESTED, SessionSeen, Workload

MOST_ROWS = RESTED


def tables(work: Workload, limits: GeneralLimits) -> tuple[Table, ...]:
    return (_by_account(work, limits), _connections(work, limits)) if work.sessions else ()


def _by_account(work: Workload, limits: GeneralLimits) -> Table:
    groups: dict[tuple[str, str], list[SessionSeen]] = defaultdict(list)
    for session in work.sessions:
        groups[session.account, session.program].append(session)
    gone = {id(s) for s in vanished(work, limits)}
    rows = [
        (
            account,
            program or "-",
            str(len(sessions)),
            str(sum(s.statements for s in sessions)),
            units.size(sum(s.size for s in sessions)),
            units.duration(round(max(s.longest_rest for s in sessions))),
            str(sum(s.quit for s in sessions)),
            str(sum(id(s) in gone for s in sessions)) if limits.connected is not None else "?",
        )
        for (account, program), sessions in groups.items()
    ]
    rows.sort(key=lambda row: -int(row[2]))
    columns = (
        "account", "program", "connections", "statements", "bytes", "longest rest", "said Quit",
        "vanished",
    )  # fmt: skip
    return Table("Who was connected", columns, tuple(rows[:MOST_ROWS]))


def _connections(work: Workload, limits: GeneralLimits) -> Table:
    """Those that vanished first, then those that rested longest."""
    gone = {id(s) for s in vanished(work, limits)}
    order = sorted(work.sessions, key=lambda s: (id(s) not in gone, -s.longest_rest))
    rows = tuple(
        (
            str(s.connection_id),
            s.account,
            str(s.statements),
            units.size(s.largest),
            units.duration(round(s.longest_rest)),
            "open" if s.in_transaction and not s.quit else "-",
            _end(s, limits, id(s) in gone),
            s.last_said[:120],
        )
        for s in order[:MOST_ROWS]
    )
    note = f"{len(order) - MOST_ROWS} more" if len(order) > MOST_ROWS else ""
    columns = (
        "id", "account", "statements", "largest", "longest rest", "transaction", "end", "last said",
    )  # fmt: skip
    return Table("Connections", columns, rows, note)


def _end(session: SessionSeen, limits: GeneralLimits, is_gone: bool) -> str:
    if session.refused:
        return "refused"
    if session.quit:
        return "Quit"
    if is_gone:
        return "vanished"
    return "open" if limits.connected is not None else "no Quit"
