"""Sessions on real servers: every way in, and every refusal."""

import getpass
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from wizard.server.pymysql_session import PyMySqlConnector, PyMySqlSession
from wizard.server.session import CannotConnect
from wizard.target.model import Secret, SslMode, Target, Tls

pytestmark = pytest.mark.servers

PLAIN = Tls(SslMode.DISABLED, ask_public_key=True)

only_mysql = pytest.mark.parametrize("shared_server", ["mysql"], indirect=True)


def target(
    server: ServerUnderTest, user: str = "admin", password: str | None = None, tls: Tls = PLAIN
) -> Target:
    """The server over TCP."""
    word = server.passwords[user] if password is None else password
    return Target(host=server.host, port=server.port, user=user, password=Secret(word), tls=tls)


def connected(where: Target) -> PyMySqlSession:
    return PyMySqlConnector(where).connect()


def refused(where: Target) -> CannotConnect:
    with pytest.raises(CannotConnect) as caught:
        PyMySqlConnector(where).connect()
    assert caught.value.__cause__ is None
    return caught.value


def test_over_tcp(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    try:
        info = session.info
        assert info.flavor == shared_server.flavor.value
        assert info.version == session.value("SELECT VERSION()")
        assert info.numbers >= (10, 11, 0) if info.is_mariadb else info.numbers >= (9, 7, 0)
        assert info.connection_id == session.value("SELECT CONNECTION_ID()")
        assert info.account == "admin@%"
        assert info.tls == ""
        assert info.uptime_seconds is not None
        assert 0 <= info.uptime_seconds < 3600
    finally:
        session.close()


def test_over_the_socket(shared_server: ServerUnderTest) -> None:
    session = connected(Target(socket=str(shared_server.socket), user="root"))
    assert session.info.account == "root@localhost"
    session.close()


def test_a_password_outside_latin1_everywhere(shared_server: ServerUnderTest) -> None:
    server = shared_server
    server.sql("CREATE USER odd@'%%' IDENTIFIED BY %s", "pä€s✓ '\"")
    # The second login over each way has the server's cached hash; the first has not.
    for where in (
        Target(socket=str(server.socket), user="odd", password=Secret("pä€s✓ '\"")),
        target(server, "odd", "pä€s✓ '\""),
    ):
        connected(where).close()
        connected(where).close()


@only_mysql
def test_the_first_login_without_tls_needs_no_cached_hash(shared_server: ServerUnderTest) -> None:
    shared_server.sql(
        "CREATE USER fresh@'%%' IDENTIFIED WITH caching_sha2_password BY %s", "secret"
    )
    session = connected(target(shared_server, "fresh", "secret"))
    assert session.info.tls == ""
    session.close()


def test_a_session_leaves_the_server_as_it_was(shared_server: ServerUnderTest) -> None:
    names = ("Aborted_clients", "Aborted_connects")
    shared_server.wait_until_alone()
    before = [shared_server.status(name) for name in names]
    session = connected(target(shared_server, tls=Tls(SslMode.PREFERRED)))
    session.rows("SELECT 1")
    session.close()
    session.close()
    shared_server.wait_until_alone()
    assert [shared_server.status(name) for name in names] == before
    assert shared_server.sql("SELECT @@global.general_log AS log") == [{"log": 0}]


@only_mysql
def test_the_session_is_tagged_and_in_utc(shared_server: ServerUnderTest) -> None:
    session = connected(target(shared_server))
    (attribute,) = session.rows(
        "SELECT attr_value AS value FROM performance_schema.session_account_connect_attrs"
        " WHERE processlist_id = CONNECTION_ID() AND attr_name = 'program_name'"
    )
    assert attribute == {"value": "goneaway-wizard"}
    own = session.value(
        "SELECT info FROM performance_schema.processlist WHERE id = CONNECTION_ID()"
    )
    assert own.startswith("/* goneaway-wizard */ SELECT info")
    assert session.value("SELECT @@session.time_zone") == "+00:00"
    assert session.value("SELECT @@session.autocommit") == 1
    assert session.value("SELECT @@character_set_client") == "utf8mb4"
    session.close()


@pytest.mark.parametrize(
    ("user", "password", "says"),
    [("admin", "wrong", "check the password"), ("nobody", "x", "check the password")],
)
def test_a_wrong_account(
    shared_server: ServerUnderTest, user: str, password: str, says: str
) -> None:
    error = refused(target(shared_server, user, password))
    assert (error.number, error.signal) == (1045, "state.access-denied")
    assert f"'{user}'@'" in str(error)
    assert says in error.advice


def test_an_unknown_database(shared_server: ServerUnderTest) -> None:
    error = refused(replace(target(shared_server), database="nowhere"))
    assert error.number == 1049
    assert "leave the database out" in error.advice


def test_a_host_that_no_account_matches(server: ServerUnderTest) -> None:
    root = connected(Target(socket=str(server.socket), user="root"))
    accounts = "global_priv" if root.info.is_mariadb else "user"
    root.execute("CREATE USER only@'10.9.9.9'")
    root.execute(f"DELETE FROM mysql.{accounts} WHERE host <> '10.9.9.9'")
    root.execute("FLUSH PRIVILEGES")
    error = refused(target(server))
    root.close()
    assert (error.number, error.signal) == (1130, "state.host-not-allowed")


def test_all_slots_are_taken(start_server: StartServer, product: str) -> None:
    # MariaDB takes no less than ten.
    server = start_server(product, max_connections=10)
    taken = [server.client() for _ in range(10)]
    try:
        server_says = refused(target(server, "app"))
    finally:
        for client in taken:
            client.close()
    assert (server_says.number, server_says.signal) == (1040, "state.too-many-connections")


def test_a_server_that_is_gone(mariadb: ServerUnderTest) -> None:
    mariadb.kill9()
    assert refused(target(mariadb)).signal == "state.refused"
    # The killed server's socket file is still there.
    error = refused(Target(socket=str(mariadb.socket)))
    assert error.signal == "state.refused"


class TestTls:
    """MySQL makes certificates for itself; MariaDB 10.11 has none unless it is given some."""

    def test_preferred_takes_tls_where_it_is_offered(self, shared_server: ServerUnderTest) -> None:
        session = connected(target(shared_server, tls=Tls(SslMode.PREFERRED)))
        assert session.info.tls.startswith("TLS_") is not session.info.is_mariadb
        session.close()

    @pytest.mark.parametrize("shared_server", ["mariadb"], indirect=True)
    def test_required_refuses_a_plain_server(self, shared_server: ServerUnderTest) -> None:
        error = refused(target(shared_server, tls=Tls(SslMode.REQUIRED)))
        assert (error.number, error.signal) == (2026, "state.tls-failed")
        assert "offers no TLS" in str(error)

    @only_mysql
    @pytest.mark.parametrize("over", ["tcp", "socket"])
    def test_required_is_encrypted(self, shared_server: ServerUnderTest, over: str) -> None:
        where = target(shared_server, tls=Tls(SslMode.REQUIRED))
        if over == "socket":
            where = Target(socket=str(shared_server.socket), user="root", tls=where.tls)
        session = connected(where)
        assert session.info.tls.startswith("TLS_")
        session.close()

    @only_mysql
    def test_the_authority_is_checked(self, shared_server: ServerUnderTest) -> None:
        authority = shared_server.data / "ca.pem"
        connected(target(shared_server, tls=Tls(SslMode.VERIFY_CA, authority))).close()
        error = refused(target(shared_server, tls=Tls(SslMode.VERIFY_CA)))
        assert "is not trusted" in str(error)
        assert "--ssl-ca" in error.advice
        error = refused(target(shared_server, tls=Tls(SslMode.VERIFY_IDENTITY, authority)))
        assert "for another name" in str(error)
        assert error.signal == "state.tls-failed"

    @only_mysql
    def test_a_file_that_is_no_certificate(
        self, shared_server: ServerUnderTest, tmp_path: Path
    ) -> None:
        broken = tmp_path / "ca.pem"
        broken.write_text("nothing")
        error = refused(target(shared_server, tls=Tls(SslMode.VERIFY_CA, broken)))
        assert "certificate files cannot be used" in str(error)

    def test_a_server_that_demands_tls(self, start_server: StartServer) -> None:
        server = start_server("mysql", require_secure_transport="ON")
        error = refused(target(server))
        assert (error.number, error.signal) == (3159, "state.tls-failed")
        connected(target(server, tls=Tls(SslMode.PREFERRED))).close()

    def test_no_common_version_of_tls(
        self, mysql: ServerUnderTest, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mysql.sql("SET GLOBAL tls_version = 'TLSv1.3'")
        mysql.sql("ALTER INSTANCE RELOAD TLS")

        create = ssl.create_default_context

        def old(cafile: str | None = None) -> ssl.SSLContext:
            context = create(cafile=cafile)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            return context

        monkeypatch.setattr(ssl, "create_default_context", old)
        error = refused(target(mysql, tls=Tls(SslMode.PREFERRED)))
        assert error.signal == "state.tls-failed"
        assert "--ssl-mode=DISABLED" in error.advice


@only_mysql
@pytest.mark.parametrize("way", ["tcp", "tls", "socket", "tls over socket"])
def test_a_sha256_password_goes_every_way(shared_server: ServerUnderTest, way: str) -> None:
    shared_server.sql(
        "CREATE USER IF NOT EXISTS sha@'%' IDENTIFIED WITH sha256_password BY 'sw0rd'"
    )
    where = target(shared_server, "sha", "sw0rd")
    if way.startswith("tls"):
        where = replace(where, tls=Tls(SslMode.REQUIRED))
    if way.endswith("socket"):
        where = replace(where, host=None, socket=str(shared_server.socket))
    session = connected(where)
    assert session.info.account == "sha@%"
    session.close()


@only_mysql
def test_an_account_with_a_second_factor_gets_in_where_that_asks_for_nothing(
    shared_server: ServerUnderTest,
) -> None:
    """To a client that does not know of factors the server says that the password is wrong."""
    shared_server.sql("INSTALL PLUGIN auth_socket SONAME 'auth_socket.so'")
    shared_server.sql("SET GLOBAL authentication_policy = '*,*,'")
    shared_server.sql(
        "CREATE USER two@'%' IDENTIFIED WITH caching_sha2_password BY 'sw0rd'"
        f" AND IDENTIFIED WITH auth_socket AS '{getpass.getuser()}'"
    )
    there = replace(
        target(shared_server, "two", "sw0rd"), host=None, socket=str(shared_server.socket)
    )
    session = connected(there)
    assert session.info.account == "two@%"
    session.close()
    assert refused(target(shared_server, "two", "sw0rd")).number == 1698
    assert refused(target(shared_server, "two", "wrong")).number == 1045


@pytest.mark.parametrize("user", ["admin", "app"])
def test_what_the_server_sets_for_sessions_cuts_no_answer_of_ours(
    shared_server: ServerUnderTest, user: str
) -> None:
    """Both servers cut what SHOW tells too."""
    shared_server.set_global("max_join_size", 1)
    shared_server.set_global("sql_select_limit", 1)
    try:
        session = connected(target(shared_server, user))
        assert len(session.rows("SHOW GLOBAL VARIABLES")) > 500
        listed = session.rows("SELECT COLUMN_NAME FROM information_schema.COLUMNS LIMIT 300")
        assert len(listed) == 300
        session.close()
    finally:
        shared_server.sql("SET GLOBAL max_join_size = DEFAULT")
        shared_server.sql("SET GLOBAL sql_select_limit = DEFAULT")
