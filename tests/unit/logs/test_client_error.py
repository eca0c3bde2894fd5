"""Client error texts: every signature recognises its own examples, and nothing else does."""

import re
from functools import partial

import pytest

from knowledge.load import load, signatures
from tests.cpu_time import cpu_seconds
from wizard.case.evidence import Phase
from wizard.logs.application.client_error import Recognised, merge, recognise

CLIENT = signatures("client")
SINGLE = tuple(s for s in CLIENT if "." not in s.id)
MATCHES = [(s.id, line) for s in SINGLE for line in s.matches]
REJECTS = [(s.id, line) for s in CLIENT for line in s.rejects]


def known(line: str, flavor: str = "unknown") -> Recognised:
    found = recognise(line, flavor)
    assert found is not None, line
    return found


@pytest.mark.parametrize(("signature", "line"), MATCHES)
def test_an_example_is_recognised_by_its_own_signature(signature: str, line: str) -> None:
    assert known(line).signature == signature


@pytest.mark.parametrize(("signature", "line"), REJECTS)
def test_a_look_alike_is_nothing(signature: str, line: str) -> None:
    found = recognise(line)
    assert found is None, (signature, found)


@pytest.mark.parametrize("signature", SINGLE, ids=lambda s: s.id)
def test_a_signature_has_examples_and_its_literal_is_in_them(signature) -> None:  # type: ignore[no-untyped-def]
    assert signature.matches
    assert signature.rejects
    assert len(signature.literal) >= 2
    for line in signature.matches:
        assert signature.literal.lower() in line.lower()
        assert re.search(signature.pattern, line, re.IGNORECASE)


def test_every_client_signal_has_a_signature() -> None:
    client = {s for s in load().signals if s.startswith("client.")}
    assert client <= {s.signal for s in CLIENT}


def test_the_text_outranks_the_number_and_the_flavour_decides_a_bare_number() -> None:
    bare = "ERROR 4031 (HY000): x"
    assert known(bare, "mysql").signal == "client.idle-disconnect"
    assert known(bare).signal == "client.idle-disconnect"
    assert recognise(bare, "mariadb") is None
    assert recognise("ERROR 1927 (70100): x", "mysql") is None
    assert known("ERROR 1927 (70100): x", "mariadb").signal == "client.killed"
    assert recognise("ERROR 1969 (70100): x", "percona") is None
    assert recognise("ERROR 4082 (HY000): Row variable", "mariadb") is None
    for flavor in ("mysql", "mariadb", "percona", "unknown"):
        assert recognise("ERROR 1047 (08S01): Unknown command", flavor) is None


@pytest.mark.parametrize(
    ("line", "signal"),
    [
        ("SQLSTATE[HY000]: General error: 2006 MySQL server has gone away", "client.lost"),
        ("SQLSTATE[HY000] [2006] MySQL server has gone away", "client.connect-lost"),
        ("SQLSTATE[08S01]: Communication link failure: 1053 x", "client.shutdown"),
        ("WARNING (2): PDO::__CONSTRUCT(): MYSQL SERVER HAS GONE AWAY", "client.connect-lost"),
        ('OperationalError: (2013, "x")', "client.lost"),
        ("Can't connect to MySQL server on 'db' (110)", "client.connect-timeout"),
        ("Can't connect to MySQL server on 'db' (10061)", "client.refused"),
        ("Can't connect to MySQL server on 'db' ([Errno 113] No route)", "client.unreachable"),
        ("SQLSTATE[HY000] [2002] Operation timed out", "client.connect-timeout"),
    ],
)
def test_frames_and_errnos_are_decoded(line: str, signal: str) -> None:
    assert known(line).signal == signal


@pytest.mark.parametrize(
    ("line", "errno"),
    [
        ("Lost connection to MySQL server at 'reading initial communication packet', "
         "system error: 104", 104),
        ("2013 (HY000): Lost connection to MySQL server at 'reading authorization packet', "
         "system error: 0", 0),
        ("Can't connect to MySQL server on 'db' ([Errno 111] Connection refused)", 111),
        ("Can't connect to MySQL server on 'db' (10060)", 110),
        ("(2006, \"MySQL server has gone away (BrokenPipeError(32, 'Broken pipe'))\")", 32),
        ("(2006, \"MySQL server has gone away (SSLEOFError(8, 'EOF occurred in violation of "
         "protocol (_ssl.c:2427)'))\")", 0),
        ("(2013, 'Lost connection to MySQL server during query')", None),
        ("raised unexpected: OperationalError(2013, 'Lost connection to MySQL server during "
         "query')", None),
        ("(2006, \"MySQL server has gone away (TimeoutError(110, 'Connection timed out'))\")", 110),
    ],
)  # fmt: skip
def test_errnos_are_told_as_linux_tells_them(line: str, errno: int | None) -> None:
    assert known(line).errno == errno


def test_milliseconds_since_the_last_packet_are_read_with_any_separator() -> None:
    text = "The last packet successfully received from the server was {} milliseconds ago."
    for told, seconds in (
        ("56,827,293", 56827.293),
        ("3600089", 3600.089),
        ("1.800.123", 1800.123),
    ):
        assert known(text.format(told)).idle_seconds == pytest.approx(seconds)


def test_a_fresh_statement_after_a_long_silence_is_idle_and_a_long_query_is_not() -> None:
    text = (
        "The last packet successfully received from the server was {} milliseconds ago. "
        "The last packet sent successfully to the server was {} milliseconds ago."
    )
    assert known(text.format("7,156", "0")).phase is Phase.IDLE
    assert known(text.format("16,225", "16,311")).phase is Phase.UNKNOWN


def test_sizes_and_accounts_are_read() -> None:
    packet = known("Packet for query is too large (4,739,923 > 65,535). You can change this")
    assert packet.size == 4739923
    denied = known("Access denied for user 'app'@'10.0.0.7' (using password: YES)")
    assert denied.account == "app@10.0.0.7"
    assert known("(conn=801) Connection was killed").connection_id == 801


def test_a_bare_socket_error_counts_only_near_mysql() -> None:
    assert recognise("BrokenPipeError: [Errno 32] Broken pipe") is None
    near = recognise("BrokenPipeError: [Errno 32] Broken pipe", near=True)
    assert near is not None
    assert near.signal == "client.sending-packet"
    assert recognise("redis.exceptions.ConnectionError: Broken pipe", near=True) is None


def test_a_servers_own_log_line_is_no_client_error() -> None:
    for line in (
        "2026-11-23 10:45:51 71 [Warning] Access denied for user 'a'@'b' (using password: YES)",
        "2020-06-17  5:21:41 193529 [Warning] Aborted connection 193529 to db: 'x' user: 'root' "
        "host: 'h' (Got a packet bigger than 'max_allowed_packet' bytes)",
        "db_1  | 2026-11-23T10:45:25.309257Z 25 [Note] [MY-010914] [Server] Aborted connection 25 "
        "to db: 'x' user: 'a' host: 'h' (Got a packet bigger than 'max_allowed_packet' bytes).",
    ):
        assert recognise(line) is None


def test_merging_keeps_what_tells_most_and_completes_it() -> None:
    packet = known("Warning: Packets out of order. Expected 1 received 0. Packet size=145 in x")
    gone = known("PDOException: SQLSTATE[HY000]: General error: 2006 MySQL server has gone away")
    both = merge((gone, packet))
    assert (both.signal, both.driver, both.role) == ("client.idle-disconnect", "PDO", "")


def test_a_read_timeout_is_not_an_idle_time() -> None:
    last = known(
        "The last packet successfully received from the server was 30,004 milliseconds ago."
    )
    timeout = recognise("Caused by: java.net.SocketTimeoutException: Read timed out", near=True)
    assert timeout is not None
    merged = merge((last, timeout))
    assert merged.signal == "client.read-timeout"
    assert merged.idle_seconds is None


@pytest.mark.parametrize("size", [10_000, 200_000])
def test_a_hostile_line_takes_no_time(size: int) -> None:
    for text in (
        "can't connect to server on " * 9,
        "mysql server has gone away (" * 9,
        "SQLSTATE[HY000]: " + "a " * 99,
    ):
        line = (text * (size // len(text)))[:size]
        assert cpu_seconds(partial(recognise, line)) < 2


@pytest.mark.parametrize(
    "line",
    [
        "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query "
        "([Errno 110] Connection timed out)')",
        '(pymysql.err.OperationalError) (2006, "MySQL server has gone away '
        "(TimeoutError(110, 'Connection timed out'))\")",
        '(pymysql.err.OperationalError) (2006, "MySQL server has gone away '
        "(TimeoutError(60, 'Operation timed out'))\")",
        "mysql.connector.errors.OperationalError: 2055: Lost connection to MySQL server at "
        "'db1:3306', system error: 110 Connection timed out",
    ],
)
def test_a_connection_that_the_kernel_gave_up_was_not_given_up_by_the_client(line: str) -> None:
    assert known(line).signal == "client.lost"


def test_a_statement_that_ended_a_rest_and_had_no_answer_waited() -> None:
    text = (
        "The last packet successfully received from the server was {} milliseconds ago. "
        "The last packet sent successfully to the server was {} milliseconds ago."
    )
    assert known(text.format("1,408,604", "5,002")).waited_seconds == pytest.approx(5.002)
    assert known(text.format("1,408,604", "1,408,604")).waited_seconds is None
    assert known(text.format("30,012", "30,010")).waited_seconds is None


def test_a_command_timeout_of_the_client_is_no_kill_of_somebody_elses() -> None:
    told = known("The Command Timeout expired before the operation completed.")
    inner = known("MySqlConnector.MySqlException: Query execution was interrupted")
    assert inner.signal == "client.query-killed"
    assert merge([inner, told]).signal == "client.read-timeout"


@pytest.mark.parametrize(
    "frame",
    [
        "java.sql.SQLNonTransientConnectionException: Could not connect to db:3306 : ",
        "[p:r:i] failed to connect to instance: Dial error: failed to dial: dial tcp: connect: ",
    ],
)
@pytest.mark.parametrize(
    ("inner", "signal"),
    [
        ("connection refused", "client.refused"),
        ("no route to host", "client.unreachable"),
        ("network is unreachable", "client.unreachable"),
        ("connection timed out", "client.connect-timeout"),
        ("connection reset by peer", "client.connect-lost"),
        ("anything else", "client.connect-lost"),
    ],
)
def test_what_stands_in_the_frame_of_a_connect_tells_more(
    frame: str, inner: str, signal: str
) -> None:
    error = recognise(frame + inner, near=True)
    assert error is not None
    assert error.signal == signal


def test_a_frame_that_says_itself_that_the_connect_timed_out() -> None:
    error = recognise(
        "SQLNonTransientConnectionException: Could not connect to db:3306 : connect timed out"
    )
    assert error is not None
    assert error.signal == "client.connect-timeout"
