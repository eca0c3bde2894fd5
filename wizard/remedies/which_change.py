"""Which changes may be taken back: of which server they are, and in which order. Pure."""

from collections.abc import Sequence

from wizard.remedies.journal_entry import JournalEntry
from wizard.safety.sanitize import sanitize

_BY_UID = ("server_uid (port and network card)", "machine's name", "data directory")
_BY_PORT = ("machine's name", "port", "data directory")
_PARTS = len(_BY_UID)


def in_force(
    entries: Sequence[JournalEntry], identity: str = "", label: str = ""
) -> tuple[JournalEntry, ...]:
    """Entries that may still be taken back, newest first.

    Those of one server, by its identity or, where it is not known, by the target's label.
    """
    return tuple(
        e
        for e in reversed(entries)
        if e.state.in_force
        and not e.actions
        and (not (identity or label) or _is_of(e, identity, label))
    )


def _is_of(entry: JournalEntry, identity: str, label: str) -> bool:
    """A change of the host that was made while the server was down has no identity."""
    if identity and entry.identity:
        return same_server(entry.identity, identity)
    return entry.label == label


def same_server(known: str, now: str) -> bool:
    """Whether two identities (`situation.identity_of`) are one server's.

    Earlier versions kept MariaDB's server_uid alone. A MariaDB that is upgraded within its series
    may begin to tell it: before, its port was kept in its place.
    """
    parts = [identity.split("|", 2) for identity in (known, now)]
    if all(len(found) == _PARTS for found in parts):
        if _tells_port(parts[0]) is _tells_port(parts[1]):
            return known == now
        return _machine_and_data(parts[0]) == _machine_and_data(parts[1])
    return known.partition("|")[0] == now.partition("|")[0]


def perhaps_the_same(known: str, now: str) -> str:
    """The one part in which they differ, in words; an empty string where more differ.

    A machine that was renamed, a server on another port, or another one in its place.
    """
    parts = [identity.split("|", 2) for identity in (known, now)]
    if any(len(found) < _PARTS for found in parts):
        return ""
    if _tells_port(parts[0]) is not _tells_port(parts[1]):
        return ""
    names = _BY_PORT if _tells_port(parts[0]) else _BY_UID
    differing = [
        f"its {name} was {sanitize(then)} then and is {sanitize(found)} now"
        for name, then, found in zip(names, *parts, strict=True)
        if then != found
    ]
    return differing[0] if len(differing) == 1 else ""


def in_doubt_here(entries: Sequence[JournalEntry], identity: str, label: str) -> str:
    """Which change in force was made at `label`, on this server or another; else nothing."""
    for entry in in_force(entries):
        differs = perhaps_the_same(entry.identity, identity) if entry.label == label else ""
        if differs:
            return (
                f"{entry.id} may have been made on another server: {differs}; on the command line"
                " undo with its number asks whether to take it back here"
            )
    return ""


def _tells_port(parts: Sequence[str]) -> bool:
    return parts[1].isdecimal()


def _machine_and_data(parts: Sequence[str]) -> tuple[str, str]:
    return (parts[0] if _tells_port(parts) else parts[1], parts[2])


def later_change(entry: JournalEntry, entries: Sequence[JournalEntry]) -> str:
    """Which change in force set the same after this one, or an empty string.

    It keeps as its old value what this one made, so that taken back last it would bring that in
    force again.
    """
    numbers = [e.id for e in entries]
    behind = entries[numbers.index(entry.id) + 1 :] if entry.id in numbers else ()
    for later in reversed(behind):
        names = entry.names & later.names
        if names and later.state.in_force and _is_beside(entry, later):
            return (
                f"{later.id} changed {', '.join(sorted(names))} after {entry.id} and comes first:"
                f" goneaway-wizard undo {later.id} takes it back"
            )
    return ""


def _is_beside(entry: JournalEntry, later: JournalEntry) -> bool:
    """Whether both are of one server, or of one machine's kernel."""
    if entry.host is not None and entry.file is not None and later.file is not None:
        return entry.file.machine == later.file.machine
    return _is_of(later, entry.identity, entry.label)
