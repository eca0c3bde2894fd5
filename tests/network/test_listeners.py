"""Ports of the server that are no database, as a client sees them."""

import socket
import ssl

import pytest

from tests.network.lab import NetworkLab
from tests.network.topology import SERVER


def _opened(lab: NetworkLab, port: int, timeout: float = 10.0) -> socket.socket:
    with lab.client.entered():
        return socket.create_connection((SERVER, port), timeout)


def test_a_silent_port_accepts_and_says_nothing(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.silent_port() as port, _opened(mariadb_lab, port, 0.7) as opened:
        opened.sendall(b"hello\r\n")
        with pytest.raises(TimeoutError):
            opened.recv(1)


def test_a_closing_port_accepts_and_hangs_up(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.closing_port() as port, _opened(mariadb_lab, port) as opened:
        assert opened.recv(1) == b""


def test_a_web_server_answers_a_request(mariadb_lab: NetworkLab) -> None:
    with mariadb_lab.http_port() as port, _opened(mariadb_lab, port) as opened:
        opened.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert opened.recv(9) == b"HTTP/1.0 "


def test_a_tls_port_greets_by_handshake_and_closes_what_is_none(mariadb_lab: NetworkLab) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with mariadb_lab.tls_port() as port:
        with context.wrap_socket(_opened(mariadb_lab, port)) as opened:
            assert str(opened.version()).startswith("TLSv1")
        with _opened(mariadb_lab, port) as opened:
            opened.sendall(b"not a handshake\r\n")
            try:
                alert = opened.recv(1)
            except ConnectionResetError:
                alert = b""
            assert alert in (b"", b"\x15")  # closed, or a TLS alert before that


def test_a_refused_port_refuses(mariadb_lab: NetworkLab) -> None:
    with pytest.raises(ConnectionRefusedError):
        _opened(mariadb_lab, mariadb_lab.refused_port())
