"""Certificates that one side does not take: each refusal says whose, and what to do."""

from pathlib import Path

import pytest

from tests.servers.certificates import Authority
from tests.servers.conftest import StartServer
from tests.servers.harness.server import ServerUnderTest
from tests.servers.test_session_connect import connected, refused, target
from wizard.target.model import SslMode, Tls

pytestmark = pytest.mark.servers


def with_certificate(
    start_server: StartServer, product: str, days: tuple[int, int] = (-60, 30)
) -> tuple[ServerUnderTest, Authority]:
    """A server with a certificate of an authority of its own."""
    server = start_server(product)
    authority = Authority(server.directory)
    certificate, key = authority.issue("localhost", days)
    inside = server.binary.inside
    server.configure(
        ssl_ca=inside(authority.path), ssl_cert=inside(certificate), ssl_key=inside(key)
    )
    server.restart()
    return server, authority


@pytest.mark.parametrize(
    ("days", "says"), [((-30, -1), "has expired"), ((2, 30), "is not valid yet")]
)
def test_a_servers_certificate_out_of_its_time(
    product: str, start_server: StartServer, days: tuple[int, int], says: str
) -> None:
    server, authority = with_certificate(start_server, product, days)
    error = refused(target(server, tls=Tls(SslMode.VERIFY_CA, authority.path)))
    assert error.signal == "state.tls-failed"
    assert says in str(error)
    assert "renew it" in error.advice
    connected(target(server, tls=Tls(SslMode.REQUIRED))).close()


def test_a_clients_certificate_that_the_server_does_not_take(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    """With TLS 1.3 the server says so, or is just gone, when the client thinks it is done."""
    server, authority = with_certificate(start_server, product)
    server.sql("ALTER USER admin@'%' REQUIRE X509")
    error = refused(target(server, tls=Tls(SslMode.VERIFY_CA, authority.path)))
    assert error.number == 1045
    assert "REQUIRE X509 needs --ssl-cert" in error.advice
    mine = authority.issue("me")
    connected(target(server, tls=Tls(SslMode.VERIFY_CA, authority.path, *mine))).close()
    theirs = Authority(tmp_path).issue("stranger")
    for bad in (theirs, authority.issue("late", (-30, -1))):
        error = refused(target(server, tls=Tls(SslMode.VERIFY_CA, authority.path, *bad)))
        assert error.signal in ("state.tls-failed", "")
        assert "--ssl-cert" in str(error) + error.advice
        assert "init_connect" not in error.advice
