"""Logins of the wizard's own that are refused accuse nobody at the next look."""

import pytest

from tests.servers.certificates import Authority
from tests.servers.check_run import CheckRun, check, password_file
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

WORD = "Sw0rd-of-test"
SAYS_ALL = {"mysql": {"log_error_verbosity": 3}, "mariadb": {}}


def in_vain(server: ServerUnderTest) -> list[CheckRun]:
    """What an operator may try before the right account: each is refused in another way."""
    server.sql("CREATE USER shut@'%%' IDENTIFIED BY %s ACCOUNT LOCK", WORD)
    server.passwords["shut"] = server.passwords["nobody"] = WORD
    right, server.passwords["admin"] = server.passwords["admin"], "wr0ng-of-test"
    tried = [check(server, user=user) for user in ("admin", "admin", "nobody", "shut")]
    server.passwords["admin"] = right
    stranger = Authority(server.directory, "stranger").path
    tried += [check(server, "--ssl-ca", str(stranger)) for _ in range(2)]
    password_file(server, "admin")
    return tried


def test_logins_in_vain_accuse_nobody_later(product: str, start_server: StartServer) -> None:
    server = start_server(product)
    certificate, key = Authority(server.directory).issue("localhost")
    inside = server.binary.inside
    server.configure(ssl_cert=inside(certificate), ssl_key=inside(key), **SAYS_ALL[product])
    server.restart()
    for run in in_vain(server):
        assert run.exit_code == 1, run.told()
        assert set(run.accused) - {"server-restarted"} <= {"access-denied", "tls-failure"}
        # A login of ours is no failure of an application.
        assert run.answer["failures"]["total"] <= 1, run.told()
    after = check(server)
    found = {d["cause"] for d in after.answer["diagnosis"] if d["for"]}
    assert found <= {"server-restarted"}, after.told()
    counters = after.step("counters")
    assert counters["status"] == "done"


def test_what_others_tried_in_vain_still_counts(product: str, start_server: StartServer) -> None:
    server = start_server(product, **SAYS_ALL[product])
    in_vain(server)
    for _ in range(3):
        with pytest.raises(Exception, match="1045"):
            server.client("app", password="no-such")
    after = check(server)
    (denied,) = [d for d in after.answer["diagnosis"] if d["cause"] == "access-denied"]
    assert denied["verdict"] == "likely", after.told()
    assert denied["explains"] == 3, after.told()


LIMITS = {
    "few": "MAX_QUERIES_PER_HOUR 3",
    "some": "MAX_QUERIES_PER_HOUR 12",
    "once": "MAX_CONNECTIONS_PER_HOUR 1",
}
"""Met by the first statements of a session, by one of a step, and by a login."""


def test_limits_that_the_wizard_meets_accuse_nobody_later(
    product: str, start_server: StartServer
) -> None:
    server = start_server(product, **SAYS_ALL[product])
    for user, limit in LIMITS.items():
        server.sql(f"CREATE USER {user}@'%%' IDENTIFIED BY %s WITH {limit}", WORD)
    server.sql("CREATE USER plain@'%%' IDENTIFIED BY %s", WORD)
    server.passwords |= dict.fromkeys((*LIMITS, "plain"), WORD)
    met = [check(server, user=user) for user in ("few", "few", "some", "once", "once")]
    server.set_global("init_connect", "SELECT no_such")
    met.append(check(server, user="plain"))
    server.set_global("init_connect", "")
    accused = [set(run.accused) - {"server-restarted"} for run in met]
    shut_out = {"user-limit"}
    assert accused == [shut_out, shut_out, set(), set(), shut_out, {"init-connect-failure"}]
    after = check(server)
    found = {d["cause"] for d in after.answer["diagnosis"] if d["for"]}
    assert found <= {"server-restarted"}, after.told()


def test_logins_over_the_socket_accuse_nobody_who_looks_over_tcp(
    start_server: StartServer,
) -> None:
    """The first try of many: no host, no password."""
    server = start_server("mariadb")
    ways = (("-S", str(server.socket)), ("-h", server.host, "-P", str(server.port)))
    for way in ways:
        assert "access-denied" in CheckRun((*way, "-u", "nobody")).accused
    password = str(password_file(server, "admin"))
    for way in ways:
        after = CheckRun((*way, "-u", "admin", "--password-file", password))
        assert after.step("connection")["status"] == "done"
        found = {d["cause"] for d in after.answer["diagnosis"] if d["for"]}
        assert found <= {"server-restarted"}, after.told()
