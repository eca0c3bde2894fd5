"""What a change costs and what it does not do, in words. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from knowledge.model import Variable
from wizard.remedies.budget import OWN_FILES, for_all, for_each_session
from wizard.remedies.situation import Situation
from wizard.server.variables import whole
from wizard.units import size

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
            found.extend(_packet_costs(after, situation))
        elif variable.name == "max_connections":
            found.extend(_connection_costs(after, after - before, situation))
    return tuple(found)


def _packet_costs(new: int, situation: Situation) -> Iterator[str]:
    slots = situation.settings.number("max_connections") or 0
    total = new * slots
    yield (
        f"Worst case {size(new)} for each session; if all {slots} sessions handled such a"
        f" statement at once: {size(total)}{_against(total, situation)}."
    )
    replica = next(
        (
            (name, limit)
            for name in ("replica_max_allowed_packet", "slave_max_allowed_packet")
            if (limit := situation.settings.number(name)) is not None
        ),
        None,
    )
    if replica is not None and replica[1] < new:
        yield f"A replica like this one takes {replica[0]} = {size(replica[1])}: raise that too."
    yield (
        "Others have limits of their own: replicas (max_allowed_packet and"
        " slave_max_allowed_packet there), mysqldump and the mysql client"
        " (--max-allowed-packet, 16 to 24 MiB), ProxySQL (mysql-max_allowed_packet, 64 MiB),"
        " drivers (maxAllowedPacket)."
    )


def _connection_costs(new: int, added: int, situation: Situation) -> Iterable[str]:
    each = for_each_session(situation.settings)
    total = for_all(situation.settings) + each * new
    yield (
        f"Worst case {size(each)} for each session that works: {size(each * added)} more than"
        f" now, {size(total)} with the server's own buffers{_against(total, situation)}."
    )
    files = situation.settings.number("open_files_limit")
    # One descriptor for the connection; tables need theirs beside it (Reference Manual,
    # open_files_limit).
    needed = OWN_FILES + new + 2 * (situation.settings.number("table_open_cache") or 0)
    if files is not None and needed > files:
        yield (
            f"The server may open {files} files, {needed} would be needed: raise LimitNOFILE and"
            " open_files_limit, and restart."
        )


def _against(total: int, situation: Situation) -> str:
    memory, whose = situation.measured.memory, situation.measured.memory_of
    if memory is None:
        return ""
    word = "MORE than" if total > memory else "of"
    return f", {word} the {size(memory)} of {whose}"


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
        " change is kept across it."
    )
    if any(variable.name == "interactive_timeout" for variable, _old, _new in edits):
        found.append("Programs get wait_timeout; this reaches command-line clients only.")
    return tuple(found)
