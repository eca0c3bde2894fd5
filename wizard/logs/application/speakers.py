"""Frameworks that this log has shown to speak of MySQL, and whose words any of them says.

`QueryFailedError: read ECONNRESET` names no database. It is MySQL's where the framework that it
names was met before together with MySQL, and nothing around it names another database.
`QueuePool limit ... reached` is not MySQL's where the log speaks of another database only.
"""

from collections.abc import Iterable

from wizard.logs.application.client_drivers import (
    driver_of,
    names_another,
    names_another_plainly,
)

MOST_LINES = 6
"""Lines of a record in which a framework is looked for."""


class Speakers:
    """Learns from records that named MySQL, and judges those that did not."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._mysql = False
        self._another = False

    def hear(self, line: str, ours: bool) -> None:
        """Take a line that speaks of MySQL (`ours`), or may name another database."""
        if ours:
            self._mysql = True
        elif not self._another and not self._mysql:
            self._another = names_another_plainly(line)

    @property
    def only_another(self) -> bool:
        """Whether the lines so far name another database, and MySQL never."""
        return self._another and not self._mysql

    def learn(self, lines: Iterable[str]) -> None:
        """Take the frameworks that a record about MySQL names."""
        self._known.update(name for line in lines if (name := driver_of(line)) is not None)

    def speak(self, lines: Iterable[str]) -> bool:
        """Whether one of them tells the record with these lines, and of no other database."""
        if not self._known:
            return False
        told = [*lines]
        return any(driver_of(line) in self._known for line in told) and not any(
            names_another(line) for line in told
        )
