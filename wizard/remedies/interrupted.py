"""Changes in the middle of which a wizard ended: named at the next start, with both ways on."""

from collections.abc import Iterator

from wizard.remedies.journal import Journal
from wizard.remedies.journal_reading import Reading
from wizard.safety.sanitize import sanitize

_NAMED = 3


def unread_words(found: Reading, journal: Journal) -> str:
    """That changes are not understood: never taken for none. One line."""
    names = ", ".join(sanitize(number, 40) for number in found.unread[:_NAMED])
    more = f" and {len(found.unread) - _NAMED} more" if len(found.unread) > _NAMED else ""
    return (
        f"the journal {journal.path} holds what this version does not understand, and it may be in"
        f" force: {names}{more}; take it back with the version of goneaway-wizard that made it"
    )


def interrupted_lines(journal: Journal) -> Iterator[str]:
    """One line each, and one for what is not understood. How far a change came is known only
    where its server is. Raises JournalError."""
    found = journal.reading(most=0)
    if found.unread:
        yield unread_words(found, journal)
    for entry in found.entries:
        if entry.is_interrupted:
            yield (
                f"{entry.id} is in doubt ({entry.remedy} on {entry.label}, {entry.summary}): a"
                " wizard ended in the middle of it, or is at it now. goneaway-wizard undo"
                f" {entry.id} takes it back; fix {entry.remedy} again finishes it"
            )
