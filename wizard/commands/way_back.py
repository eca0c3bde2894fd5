"""The way to a server that the journal tells: as the change went, so goes what follows it."""

from dataclasses import replace

from wizard.remedies.journal_entry import JournalEntry
from wizard.safety.errors import UsageError
from wizard.target.flags import TargetArguments


def same_way(entry: JournalEntry, arguments: TargetArguments) -> TargetArguments:
    """The flags, along the way that the change went: through SSH where it went through SSH.

    The operator may name another account or machine for that. Raises UsageError where the journal
    does not tell the way."""
    place = entry.place
    if not place.is_known:
        raise UsageError(f"the journal does not tell where {entry.id} was made: name the server")
    arguments = replace(arguments, ssh=arguments.ssh or place.ssh)
    if place.socket:
        return replace(arguments, socket=place.socket)
    return replace(arguments, host=place.host, port=place.port, protocol="TCP")
