"""Which sessions the server lists now."""

from collections.abc import Iterable
from contextlib import suppress

from wizard.server.answers import number_of
from wizard.server.session import QueryDenied, QueryFailed, ServerSession


def listed_ids(server: ServerSession, ids: Iterable[int]) -> frozenset[int]:
    """Those of the connection ids that it lists. Raises QueryFailed where it shows none.

    An account sees its own sessions without any privilege.
    """
    places = ", ".join(str(number) for number in ids)
    for table in ("information_schema.PROCESSLIST", "performance_schema.processlist"):
        with suppress(QueryDenied, QueryFailed):
            found = server.rows(f"SELECT ID AS id FROM {table} WHERE ID IN ({places})")
            return frozenset(number_of(row["id"]) for row in found)
    raise QueryFailed("the server does not show its sessions")
