"""What a change costs and what it does not do, in words. Pure."""

from collections.abc import Iterable, Sequence

from knowledge.model import Variable
from wizard.remedies.situation import Situation
from wizard.server.variables import whole
from wizard.units import size

# What one working session may take beside its packets (Reference Manual, "How MySQL Uses
# Memory"). Most sessions use a fraction of it.
_SESSION_BUFFERS = (
    "thread_stack", "net_buffer_length", "read_buffer_size", "read_rnd_buffer_size",
    "sort_buffer_size", "join_buffer_size", "binlog_cache_size",
)  # fmt: skip

Edit = tuple[Variable, str, str]
"""The variable, its old value and its new one."""


def costs(edits: Sequence[Edit], situation: Situation) -> tuple[str, ...]:
    """What the new values may cost, with numbers where they are known."""
    found: list[str] = []
    for variable, old, new in edits:
        if variable.cost:
            found.append(variable.cost)
        before, after = whole(old), whole(new)
        if before is None or after is None or after <= before:
            continue
        if variable.name == "max_allowed_packet":
            found.append(_packet_cost(after, situation))
        elif variable.name == "max_connections":
            found.extend(_connection_costs(after, after - before, situation))
    return tuple(found)


def _packet_cost(new: int, situation: Situation) -> str:
    slots = situation.settings.number("max_connections") or 0
    return (
        f"Worst case, if all {slots} sessions handled such a statement at once:"
        f" {size(new * slots)}."
    )


def _connection_costs(new: int, added: int, situation: Situation) -> Iterable[str]:
    each = sum(situation.settings.number(name) or 0 for name in _SESSION_BUFFERS)
    yield (
        f"Worst case {size(each)} for each session that works: {size(each * added)} more than now."
    )
    files = situation.settings.number("open_files_limit")
    # One descriptor for the connection; tables need theirs beside it (Reference Manual,
    # open_files_limit).
    needed = 10 + new + 2 * (situation.settings.number("table_open_cache") or 0)
    if files is not None and needed > files:
        yield (
            f"The server may open {files} files, {needed} would be needed: raise LimitNOFILE and"
            " open_files_limit, and restart."
        )


def remarks(edits: Sequence[Edit], persist: bool) -> tuple[str, ...]:
    """What the operator must know beside the price: who gets the value, and until when."""
    found: list[str] = []
    for variable, old, new in edits:
        before, after = whole(old), whole(new)
        if before is not None and after is not None and after < before and before and after:
            found.append(f"This lowers {variable.name}: sessions that fitted before may not.")
    if any(variable.applies == "new" for variable, _old, _new in edits):
        found.append(
            "Sessions that are open now keep the old value until they reconnect: recycle the"
            " application's pool."
        )
    else:
        found.append("In force at once, for all sessions.")
    found.append(
        "No restart is needed, and the value survives one."
        if persist
        else "No restart is needed. The next restart brings the old value back, unless the"
        " change is made permanent (--persist)."
    )
    if any(variable.name == "interactive_timeout" for variable, _old, _new in edits):
        found.append("Programs get wait_timeout; this reaches command-line clients only.")
    return tuple(found)
