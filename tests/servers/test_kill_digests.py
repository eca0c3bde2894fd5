"""How often KILL was used, as MySQL's digests tell it: found by key, whatever schema it was in."""

import time
from collections.abc import Sequence

import pytest

from tests.servers.harness.server import ServerUnderTest
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import Row, ServerSession
from wizard.steps.counters_rows import kill_rows
from wizard.target.model import Secret, Target

pytestmark = pytest.mark.servers

FULL = "WHERE digest_text IN"
"""Only what looks through all digests asks so."""


class Overheard:
    """A session that keeps what it is asked."""

    def __init__(self, session: ServerSession) -> None:
        self.session, self.asked = session, list[str]()

    def rows(self, sql: str, args: Sequence[object] = ()) -> list[Row]:
        self.asked.append(sql)
        return self.session.rows(sql, args)

    def value(self, sql: str, args: Sequence[object] = ()) -> object:
        return self.session.value(sql, args)


def counted(server: ServerUnderTest) -> tuple[int, bool]:
    """How many KILLs are found, and whether each digest was looked at for that."""
    target = Target(
        host=server.host, port=server.port, user="admin",
        password=Secret(server.passwords["admin"]),
    )  # fmt: skip
    session = PyMySqlConnector(target).connect()
    heard = Overheard(session)
    try:
        found = kill_rows(heard)  # type: ignore[arg-type]
    finally:
        session.close()
    return sum(k.count for k in found), any(FULL in sql for sql in heard.asked)


def kill(server: ServerUnderTest, statement: str, schema: str | None) -> None:
    killer = server.client(user="admin", database=schema)
    with killer, server.client() as victim, killer.cursor() as cursor, victim.cursor() as asking:
        asking.execute("SELECT CONNECTION_ID()")
        (number,) = asking.fetchone() or (0,)
        cursor.execute(statement.format(number))


def come_to(server: ServerUnderTest, wanted: tuple[int, bool]) -> bool:
    """A statement is in the digests only after its client has its answer."""
    give_up = time.monotonic() + 60.0
    while (found := counted(server)) != wanted and time.monotonic() < give_up:
        time.sleep(0.1)
    return found == wanted


def test_each_kill_is_found_by_key(mysql: ServerUnderTest) -> None:
    assert counted(mysql) == (0, False)
    kill(mysql, "KILL {}", None)
    kill(mysql, "KILL QUERY {}", "shop")
    kill(mysql, "KILL CONNECTION {}", "shop")
    mysql.sql("CREATE DATABASE other")
    kill(mysql, "KILL {}", "other")
    assert come_to(mysql, (3, False))
    with pytest.raises(Exception, match="Unknown thread"):
        mysql.sql("KILL 999999999")
    assert counted(mysql) == (3, False)
    mysql.sql("DROP DATABASE other")
    assert come_to(mysql, (3, True)), "of a schema that is gone: each digest is looked at"
