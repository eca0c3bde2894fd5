"""What PyMySQL and the mariadb client really say when a real server drops or refuses them."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection

from tests.servers.conftest import StartServer
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from wizard.case.evidence import Phase
from wizard.logs.application.client_error import Recognised, recognise
from wizard.logs.application.read import scan_text

pytestmark = pytest.mark.servers

LIMIT = 1 << 20
ENDLESS = (
    "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b,"
    " information_schema.columns c WHERE a.table_name < b.column_name"
)


def said(call: Callable[[], object], flavor: str) -> Recognised:
    """What the text of the error that `call` raises tells, as an application would log it."""
    with pytest.raises(pymysql.err.MySQLError) as caught:
        call()
    error = caught.value
    line = f"{type(error).__module__}.{type(error).__name__}: {error}"
    told = recognise(line, flavor)
    assert told is not None, line
    assert told.driver == "PyMySQL"
    return told


def ask(connection: "Connection[Any]", statement: str = "SELECT 1") -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def id_of(connection: "Connection[Any]") -> int:
    number: int = connection.thread_id()  # type: ignore[no-untyped-call]
    return number


def wait_until(condition: Callable[[], bool], seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "the condition never came"
        time.sleep(0.05)


def sessions(server: ServerUnderTest) -> set[int]:
    return {int(row["Id"]) for row in server.sql("SHOW PROCESSLIST")}


def kill_later(
    server: ServerUnderTest, statement: str, connection: "Connection[Any]"
) -> threading.Thread:
    """Run `statement` as soon as the connection's statement runs; the thread that does it."""

    def run() -> None:
        wait_until(
            lambda: any(
                row["Id"] == id_of(connection) and row["Command"] == "Query"
                for row in server.sql("SHOW PROCESSLIST")
            )
        )
        server.sql(statement)

    killer = threading.Thread(target=run, daemon=True)
    killer.start()
    return killer


def command_line(server: ServerUnderTest, script: bytes, password: str | None = None) -> str:
    """What the mariadb client writes to stderr while it runs `script` over TCP."""
    program = shutil.which("mariadb")
    if program is None:
        unavailable("the mariadb client")
    done = subprocess.run(
        [program, "--no-defaults", "-h127.0.0.1", f"-P{server.port}", "-uapp", "--batch"],
        input=script,
        env={**os.environ, "MYSQL_PWD": password or server.passwords["app"]},
        capture_output=True,
        timeout=180,
        check=False,
    )
    return done.stderr.decode()


def test_an_idle_session_that_the_server_closed(server: ServerUnderTest) -> None:
    client = server.client()
    ask(client, "SET SESSION wait_timeout = 1")
    wait_until(lambda: id_of(client) not in sessions(server))
    first = said(lambda: ask(client), server.flavor)
    assert first.signal == "client.lost"
    assert first.number in (2006, 2013)
    assert said(lambda: ask(client), server.flavor).signal == "client.closed-object"


def is_there(server: ServerUnderTest) -> bool:
    """Whether the application's account has a session."""
    return any(row["User"] == "app" for row in server.sql("SHOW PROCESSLIST"))


def test_the_command_line_is_told_of_the_idle_timeout_by_mysql_only(
    server: ServerUnderTest, tmp_path: Path
) -> None:
    (rests := tmp_path / "rests").touch()

    def end_the_rest() -> None:
        wait_until(lambda: is_there(server))
        wait_until(lambda: not is_there(server))
        rests.unlink()

    ending = threading.Thread(target=end_the_rest)
    ending.start()
    rest = f"\\! while [ -e {rests} ]; do sleep 0.1; done"
    text = command_line(server, f"SET SESSION wait_timeout = 1;\n{rest}\nSELECT 1;\n".encode())
    ending.join()
    (failure,) = scan_text(text, flavor=server.flavor).failures
    assert failure.driver == "mysql client"
    if server.flavor == "mysql":
        assert (failure.signal, failure.number) == ("client.idle-disconnect", 4031)
        assert failure.phase is Phase.IDLE
    else:
        assert failure.signal == "client.lost"
        assert failure.number in (2006, 2013)


def test_a_killed_session(server: ServerUnderTest) -> None:
    idle, busy = server.client(), server.client()
    server.sql(f"KILL {id_of(idle)}")
    wait_until(lambda: id_of(idle) not in sessions(server))
    assert said(lambda: ask(idle), server.flavor).signal == "client.lost"
    killer = kill_later(server, f"KILL {id_of(busy)}", busy)
    told = said(lambda: ask(busy, ENDLESS), server.flavor)
    killer.join(90)
    assert (told.signal, told.number, told.phase) == ("client.lost", 2013, Phase.QUERY)


def test_an_interrupted_statement(server: ServerUnderTest) -> None:
    client = server.client()
    killer = kill_later(server, f"KILL QUERY {id_of(client)}", client)
    told = said(lambda: ask(client, ENDLESS), server.flavor)
    killer.join(90)
    assert (told.signal, told.number) == ("client.query-killed", 1317)
    limit = "max_statement_time = 0.2" if server.flavor == "mariadb" else "max_execution_time = 200"
    ask(client, f"SET SESSION {limit}")
    told = said(lambda: ask(client, ENDLESS), server.flavor)
    assert told.signal == "client.statement-timeout"
    assert told.number == (1969 if server.flavor == "mariadb" else 3024)


@pytest.mark.parametrize("size", [LIMIT + 1000, 5 * LIMIT])
def test_a_packet_above_the_limit(server: ServerUnderTest, size: int) -> None:
    server.set_global("max_allowed_packet", LIMIT)
    statement = f"SELECT LENGTH('{'a' * size}')"
    # The server's error and its reset race; each outcome has its own right answer.
    right = {
        1153: {"client.packet-too-large"},
        2006: {"client.lost", "client.sending-packet"},
        2013: {"client.lost"},
    }
    told = said(lambda: ask(server.client(), statement), server.flavor)
    assert told.signal in right[told.number or 0]
    text = command_line(server, statement.encode() + b";\n")
    (failure,) = scan_text(text, flavor=server.flavor).failures
    assert failure.signal in right[failure.number or 0]
    assert failure.driver == "mysql client"


def test_a_restart_and_a_server_that_is_gone(server: ServerUnderTest) -> None:
    client = server.client()
    server.restart()
    assert said(lambda: ask(client), server.flavor).signal == "client.lost"
    server.stop()
    told = said(server.client, server.flavor)
    assert (told.signal, told.number, told.errno) == ("client.refused", 2003, 111)
    (failure,) = scan_text(command_line(server, b"SELECT 1;"), flavor=server.flavor).failures
    assert failure.signal == "client.refused"
    assert failure.phase is Phase.CONNECT


def test_no_slot_left(server: ServerUnderTest) -> None:
    server.set_global("max_connections", 10)
    crowd: list[Connection[Any]] = []

    def fill() -> None:
        while len(crowd) < 20:
            crowd.append(server.client())

    told = said(fill, server.flavor)
    assert (told.signal, told.number) == ("client.too-many-connections", 1040)
    (failure,) = scan_text(command_line(server, b"SELECT 1;"), flavor=server.flavor).failures
    assert (failure.signal, failure.number) == ("client.too-many-connections", 1040)
    for client in crowd:
        with suppress(pymysql.err.Error):
            client.close()


def test_a_wrong_password_names_the_account(server: ServerUnderTest) -> None:
    told = said(lambda: server.client(password="wrong"), server.flavor)
    assert (told.signal, told.number) == ("client.access-denied", 1045)
    assert told.account == "app@127.0.0.1"
    (failure,) = scan_text(command_line(server, b"SELECT 1;", "wrong")).failures
    assert (failure.signal, failure.account) == ("client.access-denied", "app@127.0.0.1")


def test_a_limit_of_the_account(server: ServerUnderTest) -> None:
    server.sql("ALTER USER app@'%' WITH MAX_USER_CONNECTIONS 1")
    held = server.client()
    told = said(server.client, server.flavor)
    assert told.signal == "client.user-limit"
    assert told.account == "app"
    held.close()


def test_a_client_that_gives_up(server: ServerUnderTest) -> None:
    client = server.client()
    client._read_timeout = 1.0  # type: ignore[attr-defined]
    told = said(lambda: ask(client, "SELECT SLEEP(60)"), server.flavor)
    assert (told.signal, told.phase) == ("client.read-timeout", Phase.QUERY)


def test_a_login_that_init_connect_ends(server: ServerUnderTest) -> None:
    server.set_global("init_connect", "SELECT bogus")
    told = said(lambda: ask(server.client()), server.flavor)
    assert (told.signal, told.number) == ("client.init-connect", 1184)
    assert told.connection_id is not None


def test_offline_mode(mysql: ServerUnderTest) -> None:
    client = mysql.client()
    mysql.set_global("offline_mode", 1)
    wait_until(lambda: id_of(client) not in sessions(mysql))
    assert said(lambda: ask(client), "mysql").signal == "client.lost"
    told = said(mysql.client, "mysql")
    assert (told.signal, told.number) == ("client.offline-mode", 3032)


def test_tls_that_the_server_demands(start_server: StartServer) -> None:
    server = start_server("mysql", require_secure_transport="ON")
    told = said(lambda: server.client(ssl_disabled=True), "mysql")
    assert (told.signal, told.number) == ("client.tls", 3159)


def test_a_port_that_never_greets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        told = said(
            lambda: pymysql.connect(host="127.0.0.1", port=port, user="x", read_timeout=1),
            "unknown",
        )
    assert told.signal == "client.read-timeout"
