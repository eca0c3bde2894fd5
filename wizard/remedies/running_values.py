"""What the server has at this moment, one variable at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from wizard.server.session import ConnectionLost, Connector, ServerSession


@contextmanager
def living_session(session: ServerSession, connector: Connector) -> Iterator[ServerSession]:
    """`session`, or a new one for as long as it takes where that one has died.

    While the operator reads a preview, a short wait_timeout ends it. Raises ServerError.
    """
    try:
        session.value("SELECT 1")
    except ConnectionLost:
        fresh = connector.connect()
        try:
            yield fresh
        finally:
            fresh.close()
        return
    yield session


def running_value(session: ServerSession, name: str, unit: str) -> str:
    """The global value as SHOW prints it; SELECT gives 0 and 1 for switches. `name` is a
    variable of the knowledge base. Raises ServerError."""
    value = str(session.value(f"SELECT @@global.{name}"))
    return {"0": "OFF", "1": "ON"}.get(value, value) if unit == "bool" else value


def persisted_value(session: ServerSession, name: str) -> str | None:
    """What SET PERSIST has stored (MySQL 8.0 and later), None for nothing. Raises ServerError."""
    value = session.value(
        "SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables"
        " WHERE VARIABLE_NAME = %s",
        (name,),
    )
    return None if value is None else str(value)
