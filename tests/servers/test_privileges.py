"""An account with just the privileges that the table names runs every step, on real servers."""

import contextlib
import json
import subprocess
import sys
from typing import Any

import pytest

from knowledge.load import load, needed_privileges
from tests.servers import capture_lab as lab
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.remedies.actions import open_sessions, unblocking
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import QueryDenied, QueryFailed
from wizard.target.model import Secret, Target

pytestmark = pytest.mark.servers

PASSWORD = "least-of-all"


def account(server: ServerUnderTest, extra: bool, less: tuple[str, ...] = ()) -> None:
    """The account of the README, by its own statements, without the entries of `less`."""
    server.sql(f"CREATE USER goneaway@localhost IDENTIFIED BY '{PASSWORD}'")
    for needed in needed_privileges():
        if needed.id in less or server.flavor.value not in needed.servers:
            continue
        if extra or not needed.extra:
            server.sql(f"GRANT {needed.grant} TO goneaway@localhost")


def wizard(server: ServerUnderTest, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable, "-m", "wizard.cli", *words, "-S", str(server.socket),
            "-u", "goneaway", f"--password={PASSWORD}", "--format", "json",
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_every_step_and_probe_runs_with_the_diagnostic_account(server: ServerUnderTest) -> None:
    account(server, extra=False)
    server.sql("SET GLOBAL slow_query_log = 1")
    server.sql("SET GLOBAL general_log = 1")
    probes = [w for p in ("latency", "workload", "simple") for w in ("--probe", p)]
    done = wizard(server, "check", *probes)
    found: dict[str, Any] = json.loads(done.stdout)
    told = {step["id"]: (step["status"], step["reason"]) for step in found["steps"]}
    assert told.pop("symptom")[0] == "skipped"
    assert told.pop("recorder")[0] == "skipped"
    assert {status for status, _reason in told.values()} == {"done"}, told
    assert "privilege" not in str(told)


def test_a_capture_runs_with_the_extra_ones_and_not_without(server: ServerUnderTest) -> None:
    account(server, extra=False)
    refused = wizard(server, "capture", "general", "--for", "2s")
    assert refused.returncode in (1, 3)
    assert "GRANT" in refused.stderr
    server.sql("DROP USER goneaway@localhost")
    account(server, extra=True)
    before = lab.logging_state(server)
    for kind in ("general", "slow"):
        done = wizard(server, "capture", kind, "--for", "2s")
        assert done.returncode == 0, done.stderr
    assert lab.logging_state(server) == before


@pytest.mark.parametrize("product", ["mariadb", "mariadb-11.8", "mysql"])
def test_every_fix_may_be_made_with_the_extra_ones(product: str, start_server: StartServer) -> None:
    """Each variable that a fix sets, the end of others' sessions, and unblocking a host."""
    server = start_server(product)
    account(server, extra=True)
    ours = PyMySqlConnector(
        Target(socket=str(server.socket), user="goneaway", password=Secret(PASSWORD))
    ).connect()
    known = load().remedies
    settings = {remedy.variable for remedy in known.values() if remedy.variable}
    there = ours.rows("SHOW GLOBAL VARIABLES")
    for name in settings & {str(row["Variable_name"]) for row in there}:
        with contextlib.suppress(QueryFailed):  # read-only on some releases
            ours.execute(f"SET GLOBAL {name} = @@GLOBAL.{name}")
    with server.client() as other:
        number = other.thread_id()  # type: ignore[no-untyped-call]
        assert number in {found.number for found in open_sessions(ours)}
        ours.execute(f"KILL {number}")
    for statement in unblocking(known["unblock-host"], ours).statements:
        ours.execute(statement)
    ours.close()


def without(server: ServerUnderTest, *lost: str) -> None:
    """The whole account, less these entries of the table."""
    server.sql("DROP USER IF EXISTS goneaway@localhost")
    account(server, extra=True, less=lost)


def told(server: ServerUnderTest) -> str:
    """The report on one line."""
    done = subprocess.run(
        [
            sys.executable, "-m", "wizard.cli", "check", "-S", str(server.socket),
            "-u", "goneaway", f"--password={PASSWORD}",
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    return " ".join(done.stdout.split())


def refused(server: ServerUnderTest, *statements: str) -> bool:
    ours = PyMySqlConnector(
        Target(socket=str(server.socket), user="goneaway", password=Secret(PASSWORD))
    ).connect()
    try:
        for statement in statements:
            ours.execute(statement)
    except QueryDenied:
        return True
    finally:
        ours.close()
    return False


def test_what_is_lost_without_each_privilege(server: ServerUnderTest) -> None:
    """As the table says: nothing else, and it is told with what would help."""
    is_mysql = server.flavor.value == "mysql"
    without(server, "process", "performance-schema")
    answer = told(server)
    assert "without PROCESS this account sees its own sessions only" in answer
    if is_mysql:
        assert "Only totals: " in answer
        assert "GRANT SELECT ON performance_schema.*" in answer
        assert "nor can the server's digests be read" in answer

    without(server, "capture-mariadb", "capture-mysql")
    off = wizard(server, "capture", "general", "--for", "1s")
    assert off.returncode == 1
    assert off.stderr.count("GRANT ") == 1, off.stderr
    server.set_global("general_log", "ON")
    try:
        on = wizard(server, "capture", "general", "--for", "1s")
        assert on.returncode == 0, on.stderr
        assert "it is read as it is, and not touched" in on.stderr
    finally:
        server.set_global("general_log", "OFF")
    assert refused(server, "SET GLOBAL wait_timeout = @@GLOBAL.wait_timeout")

    if is_mysql:
        without(server, "connections-mysql", "capture-mysql")
        assert refused(server, "SET GLOBAL offline_mode = OFF")
    without(server, "unblock-mysql", "unblock-mariadb")
    unblock = "TRUNCATE TABLE performance_schema.host_cache" if is_mysql else "FLUSH HOSTS"
    assert refused(server, unblock)
    without(server, "general-log-table", "slow-log-table")
    for kind in ("general", "slow"):
        assert refused(server, f"SELECT 1 FROM mysql.{kind}_log LIMIT 1")
