"""Why a connection fails, said for what really listens on the other side."""

import contextlib
import errno
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.load import load
from wizard.safety.redact import mask_sentence
from wizard.server import pymysql_session, refused_logins
from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.refusals import JUDGED, NO_ANSWER, refusal, refusal_after_login
from wizard.server.session import CannotConnect, QueryDenied, QueryFailed
from wizard.target.model import Secret, SslMode, Target, Tls

TCP = Target(host="db.example", port=3306, user="app")
SOCKET = Target(socket="/run/s.sock", user="app")


def refused(target: Target) -> CannotConnect:
    with pytest.raises(CannotConnect) as caught:
        PyMySqlConnector(target).connect()
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return caught.value


@contextlib.contextmanager
def listener(serve: Callable[[socket.socket], None]) -> Iterator[Target]:
    """Something that is no server, on a port of its own; `serve` gets each connection."""
    with socket.create_server(("127.0.0.1", 0)) as opened:

        def loop() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = opened.accept()
                    with connection, contextlib.suppress(OSError):
                        serve(connection)

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        yield Target(host="127.0.0.1", port=opened.getsockname()[1])
        opened.shutdown(socket.SHUT_RDWR)
    thread.join(60)


def test_every_signal_is_known() -> None:
    assert {*JUDGED} <= {*load().signals}
    assert {*JUDGED} >= NO_ANSWER


def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        port = opened.getsockname()[1]
    error = refused(Target(host="127.0.0.1", port=port))
    assert (error.signal, error.number) == ("state.refused", 2003)
    assert str(error) == f"nothing listens at 127.0.0.1:{port}"


def test_no_such_socket(tmp_path: Path) -> None:
    error = refused(Target(socket=f"{tmp_path}/s.sock"))
    assert (error.signal, error.number) == ("state.no-socket", 2002)


def test_a_socket_that_its_server_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))
    error = refused(Target(socket=str(path)))
    assert error.signal == "state.refused"
    assert "stale" in error.advice


def test_a_file_that_is_no_socket(tmp_path: Path) -> None:
    path = tmp_path / "plain"
    path.touch()
    assert str(refused(Target(socket=str(path)))) == f"{path} is no socket"


def test_a_path_that_is_too_long_for_a_socket() -> None:
    assert "cannot be opened" in str(refused(Target(socket="/" + "x" * 200)))


def test_a_name_that_does_not_resolve() -> None:
    error = refused(Target(host="no-such-host.invalid"))
    assert (error.signal, error.number) == ("state.name-unknown", 2005)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to change the account")
def test_a_socket_that_this_account_may_not_open(tmp_path: Path) -> None:
    path = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(str(path))
        opened.listen(1)
        path.chmod(0o600)
        os.seteuid(65534)
        try:
            error = refused(Target(socket=str(path)))
        finally:
            os.seteuid(0)
    assert "may not open the socket" in str(error)
    assert error.signal == ""


def test_a_port_that_closes_without_a_greeting() -> None:
    with listener(lambda _connection: None) as target:
        error = refused(target)
    assert error.signal == "state.no-greeting"
    assert "closes it without a greeting" in str(error)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail ESMTP\r\n", "SMTP"),
        (b"\x05\0\0\0\x0b\x08\x05\x1a\0", "X protocol"),
        (b"\x00\x01", "something else"),
        (b"\x1b]0;owned\x07" * 20, "something else"),
    ],
)
def test_another_service_at_the_port(words: bytes, name: str) -> None:
    with listener(lambda connection: connection.sendall(words)) as target:
        error = refused(target)
    assert error.signal == "state.no-greeting"
    assert f"{name}" in str(error)
    assert "\x1b" not in str(error)


def test_a_port_that_stays_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymysql_session, "READ_TIMEOUT", 0.3)

    def serve(connection: socket.socket) -> None:
        connection.recv(1)

    with listener(serve) as target:
        error = refused(target)
    assert error.signal == "state.timeout"
    assert "sends no greeting" in str(error)


def test_only_another_machine_is_given_the_time_of_a_slow_resolver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server looks up no name for who comes over loopback, whatever the name of that is."""
    monkeypatch.setattr(pymysql_session, "READ_TIMEOUT", 0.2)
    monkeypatch.setattr(pymysql_session, "GREETING_TIMEOUT", 0.9)

    def serve(connection: socket.socket) -> None:
        connection.recv(1)

    with listener(serve) as target:
        near = refused(target)
        # The same listener, by an address that is not loopback's.
        far = refused(replace(target, host=f"::ffff:{target.host}"))
    assert "within 0 s" in str(near)
    assert "within 1 s" in str(far)


def test_the_wait_for_a_greeting_can_be_stopped() -> None:
    class Stopped(Exception):
        pass

    asked: list[int] = []

    def checkpoint() -> None:
        asked.append(1)
        if len(asked) > 1:
            raise Stopped

    closed = threading.Event()

    def serve(connection: socket.socket) -> None:
        if not connection.recv(1):
            closed.set()

    with listener(serve) as target:
        with pytest.raises(Stopped):
            PyMySqlConnector(target).connect(checkpoint=checkpoint)
        assert closed.wait(60)


@pytest.mark.parametrize(
    ("number", "text", "signal"),
    [
        (1040, "Too many connections", "state.too-many-connections"),
        (1129, "Host '10.0.0.1' is blocked because of many errors", "state.host-blocked"),
        (1130, "Host '10.0.0.1' is not allowed to connect", "state.host-not-allowed"),
        (1053, "Server shutdown in progress", "state.shutting-down"),
    ],
)
@pytest.mark.parametrize("state", [b"", b"#08004"])
def test_a_server_that_refuses_before_its_greeting(
    number: int, text: str, signal: str, state: bytes
) -> None:
    payload = b"\xff" + number.to_bytes(2, "little") + state + text.encode()
    packet = len(payload).to_bytes(3, "little") + b"\0" + payload
    with listener(lambda connection: connection.sendall(packet)) as target:
        error = refused(target)
    assert (error.number, error.signal) == (number, signal)
    assert text in str(error)
    assert error.advice


def test_a_greeting_that_comes_in_pieces_and_ends() -> None:
    def serve(connection: socket.socket) -> None:
        for byte in b"\x4a\0\0\0\x0a8.0":
            connection.sendall(bytes([byte]))

    with listener(serve) as target:
        error = refused(target)
    assert error.number == 2013


def test_a_server_that_breaks_off_during_the_login() -> None:
    payload = b"\x0a8.0.0\0" + b"\0" * 40
    packet = len(payload).to_bytes(3, "little") + b"\0" + payload
    with listener(lambda connection: connection.sendall(packet)) as target:
        error = refused(target)
    assert error.number == 2013
    assert "during the login" in str(error)


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog"])
def test_the_password_is_not_sent_in_clear_over_an_open_line(plugin: bytes) -> None:
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        # PLUGIN_AUTH, SECURE_CONNECTION and PROTOCOL_41, no TLS.
        flags = struct.pack("<HBHH", 0x8200, 45, 2, 0x0008)
        greeting = b"\x0a8.0.0\0" + b"\1\0\0\0" + b"s" * 8 + b"\0" + flags + b"\x15"
        greeting += b"\0" * 10 + b"s" * 12 + b"\0" + b"mysql_native_password\0"
        connection.sendall(_packet(0, greeting))
        connection.recv(4096)
        connection.sendall(_packet(2, b"\xfe" + plugin + b"\0Password: "))
        heard.append(connection.recv(4096))

    with listener(serve) as target:
        error = refused(replace(target, password=Secret("s3cret")))
    assert error.number == 2059
    assert "clear text" in str(error)
    assert heard == [b""]


def _packet(number: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([number]) + payload


@pytest.mark.parametrize(
    ("code", "signal"),
    [
        (errno.ECONNREFUSED, "state.refused"),
        (errno.ETIMEDOUT, "state.timeout"),
        (errno.EHOSTUNREACH, "state.unreachable"),
        (errno.ENETUNREACH, "state.unreachable"),
        (errno.EMFILE, ""),
    ],
)
def test_the_systems_errors(code: int, signal: str) -> None:
    error = refusal(TCP, FailedAttempt(Stage.OPEN, os.strerror(code), code, seconds=5))
    assert (error.signal, error.number) == (signal, 2003)


def test_a_full_queue_on_a_socket_is_no_missing_server() -> None:
    error = refusal(SOCKET, FailedAttempt(Stage.OPEN, errno=errno.EAGAIN))
    assert error.signal == "state.timeout"


@pytest.mark.parametrize("number", [1045, 1698])
def test_access_denied_names_the_account_that_the_server_named(number: int) -> None:
    text = "Access denied for user 'app'@'10.1.2.3' (using password: YES)"
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, text, number=number))
    assert "'app'@'10.1.2.3'" in str(error)
    assert error.signal == "state.access-denied"


@pytest.mark.parametrize("stage", [Stage.TLS, Stage.LOGIN])
@pytest.mark.parametrize("number", [None, 1045, 1105, 2059])
def test_a_server_that_says_our_password_again_has_it_masked(
    stage: Stage, number: int | None
) -> None:
    target = replace(TCP, password=Secret("Tr0ub4dor"))
    error = refusal(target, FailedAttempt(stage, "who sent Tr0ub4dor here?", number=number))
    assert "Tr0ub4dor" not in f"{error} {error.advice}"


def test_a_password_that_is_the_accounts_name_hides_no_name() -> None:
    target = replace(TCP, password=Secret("app"))
    text = "Access denied for user 'app'@'10.1.2.3' (using password: YES)"
    error = refusal(target, FailedAttempt(Stage.LOGIN, text, number=1045))
    assert "'app'@'10.1.2.3'" in str(error)


def test_access_denied_in_another_language_names_the_target() -> None:
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, "Benutzer verweigert", number=1045))
    assert "the account 'app'" in str(error)


@pytest.mark.parametrize(
    ("target", "encrypted", "says"),
    [
        (Target(host="h", password=Secret("x"), tls=Tls(SslMode.DISABLED)), False, "=REQUIRED"),
        (Target(host="h", password=Secret("x")), True, "check the password"),
        (Target(host="h"), True, "no password was sent"),
    ],
)
def test_what_to_do_about_access_denied(target: Target, encrypted: bool, says: str) -> None:
    error = refusal(target, FailedAttempt(Stage.LOGIN, "", number=1045, encrypted=encrypted))
    assert says in error.advice


def test_a_server_that_demands_tls() -> None:
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, "insecure transport prohibited", number=3159))
    assert (error.signal, error.advice) == ("state.tls-failed", "use --ssl-mode=REQUIRED")


def test_hostile_text_is_made_harmless() -> None:
    text = "Access denied for user '\x1b[2J'@'\u202eevil'"
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, text, number=1045))
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)


CA, CERT = Path("/etc/ours.pem"), Path("/etc/me.pem")
GIVEN = replace(TCP, tls=Tls(SslMode.VERIFY_CA, CA, CERT, Path("/etc/me.key")))


@pytest.mark.parametrize(
    ("target", "reason", "says", "advises"),
    [
        (GIVEN, "certificate verify failed: certificate has expired", "has expired", "renew it"),
        (
            GIVEN,
            "certificate verify failed: certificate is not yet valid",
            "is not valid yet",
            "check the clock",
        ),
        (GIVEN, "certificate verify failed: self-signed certificate", str(CA), "--ssl-ca"),
        (TCP, "certificate verify failed: self-signed certificate", "not trusted", "--ssl-ca"),
        (
            GIVEN,
            "certificate verify failed: IP address mismatch, certificate is not valid for 'x'.",
            "for another name",
            "VERIFY_CA",
        ),
        (GIVEN, "TLSV1_ALERT_UNKNOWN_CA", "does not take the certificate", "ssl_ca signed"),
        (GIVEN, "SSLV3_ALERT_CERTIFICATE_EXPIRED", "does not take the certificate", "valid now"),
        (TCP, "TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a client certificate", "--ssl-cert"),
        (TCP, "TLSV1_ALERT_PROTOCOL_VERSION", "no version of TLS in common", "tls_version"),
        (TCP, "UNSUPPORTED_PROTOCOL", "no version of TLS in common", "tls_version"),
        (TCP, "WRONG_VERSION_NUMBER", "what it then says is none", "proxy"),
        (TCP, "UNEXPECTED_EOF_WHILE_READING", "breaks off in the TLS handshake", "error log"),
        (TCP, "DH_KEY_TOO_SMALL", "too weak", "2048"),
        (TCP, "SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake with db.example:3306 fails", "compare"),
    ],
)
def test_why_tls_fails_says_what_to_do(
    target: Target, reason: str, says: str, advises: str
) -> None:
    error = refusal(target, FailedAttempt(Stage.TLS, reason))
    assert (error.number, error.signal) == (2026, "state.tls-failed")
    assert says in str(error)
    assert advises in error.advice


@pytest.mark.parametrize(
    ("target", "encrypted", "says"),
    [
        (replace(TCP, password=Secret("x")), True, "REQUIRE X509 needs --ssl-cert"),
        (replace(GIVEN, password=Secret("x")), True, "another certificate"),
        (replace(SOCKET, password=Secret("x")), False, "needs --ssl-mode=REQUIRED"),
    ],
)
def test_access_denied_names_what_the_account_may_require(
    target: Target, encrypted: bool, says: str
) -> None:
    text = "Access denied for user 'app'@'h'"
    error = refusal(target, FailedAttempt(Stage.LOGIN, text, number=1045, encrypted=encrypted))
    assert says in error.advice


@pytest.mark.parametrize("ending", ["fin", "rst", "silence"])
def test_a_handshake_that_breaks_off_is_told_as_one(
    ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pymysql_session, "_LOGIN_EXTRA", 0.0)

    def serve(connection: socket.socket) -> None:
        flags = struct.pack("<HBHH", 0x8A00, 45, 2, 0x0008)
        greeting = b"\x0a8.0.0\0" + b"\1\0\0\0" + b"s" * 8 + b"\0" + flags + b"\x15"
        greeting += b"\0" * 10 + b"s" * 12 + b"\0" + b"mysql_native_password\0"
        connection.sendall(_packet(0, greeting))
        connection.recv(36)
        if ending == "rst":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ending == "silence":
            while connection.recv(4096):
                pass

    with listener(serve) as target, pytest.raises(CannotConnect) as caught:
        PyMySqlConnector(target).connect(read_timeout=1.0)
    error = caught.value
    if ending == "silence":
        assert error.signal == "state.timeout"
        assert "does not finish its handshake within 1 s" in str(error)
    else:
        assert error.signal == "state.tls-failed"
        assert "breaks off in the TLS handshake" in str(error)


@pytest.mark.parametrize(
    ("number", "signal", "advises"),
    [
        (1184, "state.init-connect", "@@init_connect"),
        (1203, "state.user-limit", "raise its limit"),
        (1226, "state.user-limit", "raise the limit"),
        (1820, "state.access-denied", "ALTER USER USER()"),
        (1862, "state.access-denied", "ALTER USER USER()"),
        (3032, "state.offline-mode", "offline_mode = OFF"),
    ],
)
def test_what_shuts_this_very_account_out_is_evidence(
    number: int, signal: str, advises: str
) -> None:
    """Some of them are told by the first statement after the login."""
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, "so it is", number=number))
    later = refusal_after_login(TCP, QueryFailed("so it is", number))
    assert (error.signal, error.number) == (later.signal, later.number) == (signal, number)
    assert str(error) == str(later)
    assert advises in error.advice


def test_a_missing_privilege_after_the_login_is_no_refused_account() -> None:
    denied = QueryDenied("SELECT command denied", 1045)
    assert "lets the account in and then fails" in str(refusal_after_login(TCP, denied))


@pytest.mark.parametrize("number", sorted(refused_logins._PLAIN))
def test_what_to_do_about_a_refusal_is_not_masked_in_a_report(number: int) -> None:
    """A report masks what follows a statement: our own words there are lost."""
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, "so it is", number=number))
    told = f"{error}; {error.advice}"
    assert mask_sentence(told).text == told


@pytest.mark.parametrize("number", [3955, 4150])
def test_an_account_that_wrong_passwords_blocked_is_told_as_that(number: int) -> None:
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, "so it is", number=number))
    assert (error.number, error.signal) == (number, "state.access-denied")
    assert "wrong password" in str(error)
    assert error.refuses_account


def test_a_login_by_the_system_user_is_not_told_as_sure() -> None:
    text = "Access denied for user 'app'@'h'"
    error = refusal(TCP, FailedAttempt(Stage.LOGIN, text, number=1698))
    assert "over the socket" in error.advice
    assert "does not let in from this host" in error.advice
