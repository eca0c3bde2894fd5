"""Failures told in words that any database's pool or framework says.

`QueuePool limit ... reached` is not MySQL's in a log that speaks of another database only, and
that is known at the log's end.
"""

from collections import Counter, deque
from collections.abc import Iterable
from typing import TypeVar

from wizard.logs.application.client_error import Recognised

T = TypeVar("T")

_OF_ANY = frozenset({
    "HikariCP", "DBCP2", "c3p0", "Tomcat JDBC", "Agroal", "Druid", "R2DBC", "Knex", "Sequelize",
    "Prisma", "SQLAlchemy", "Django", "Rails", "Sequel", "sqlx", "TypeORM", "GORM",
})  # fmt: skip
"""Pools and frameworks that serve any database in the same words."""

_GO = "client-lost-go-bad"
"""What Go's database/sql says of any driver's connection."""


def is_anybodys(error: Recognised) -> bool:
    """Whether its words are said of any database, and only others tell of which."""
    if error.signature == _GO or error.driver in ("AWS JDBC", "Cloud SQL Proxy"):
        return True
    if error.signal in ("client.lost", "client.tls") and error.driver == "sqlx":
        return True
    return error.signal == "client.pool-timeout" and (
        error.driver is None or error.driver in _OF_ANY
    )


class Anybodys:
    """Which of a log's failures they are; of the newest `most` that is known one by one."""

    def __init__(self, most: int) -> None:
        self.counts: Counter[str] = Counter()
        self._told: deque[object] = deque(maxlen=most)

    def take(self, error: Recognised, failure: object) -> None:
        if is_anybodys(error):
            self.counts[error.signal] += 1
            self._told.append(failure)

    def left_out_of(self, failures: Iterable[T]) -> list[T]:
        """The failures without them."""
        told = {id(failure) for failure in self._told}
        return [f for f in failures if id(f) not in told]
