"""Changes in the middle of which a wizard ended: named at the next start, with both ways on."""

from collections.abc import Iterator

from wizard.remedies.journal import Journal


def interrupted_lines(journal: Journal) -> Iterator[str]:
    """One line each; how far a change came is known only where its server is. Raises
    JournalError."""
    for entry in journal.entries():
        if entry.is_interrupted:
            yield (
                f"{entry.id} is in doubt ({entry.remedy} on {entry.label}, {entry.summary}): a"
                " wizard ended in the middle of it, or is at it now. goneaway-wizard undo"
                f" {entry.id} takes it back; fix {entry.remedy} again finishes it"
            )
