"""Each family of texts in each form that programs give it: one failure, read by its meaning."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC

import pytest

from tests.unit.logs.client_forms import (
    AT,
    FRAMES,
    MESSAGES,
    OBJECTS,
    PREFIXES,
    STACKS,
    STAMPS,
    SYSTEM_WORDS,
)
from wizard.case.evidence import Failure
from wizard.logs.application.read import scan_text

CLOCK = ("09", "15", "04")
LATER = ("09", "21", "40")
IN_STACKS = tuple(
    (signal, MESSAGES[signal][0])
    for signal in (
        "client.lost", "client.too-many-connections", "client.access-denied",
        "client.idle-disconnect", "client.shutdown", "client.packet-too-large",
    )
)  # fmt: skip
SIGNALS = {104: "client.lost", 103: "client.lost", 111: "client.refused", 110: "client.refused"}


def at(lines: Sequence[str], clock: tuple[str, str, str]) -> str:
    hours, minutes, _seconds = clock
    text = "\n".join(lines).replace("HH:MM:SS", ":".join(clock)).replace("HHMMSS", "".join(clock))
    return text.replace("HH:MM", f"{hours}:{minutes}")


def read(*texts: str) -> tuple[Failure, ...]:
    return scan_text("\n".join(texts), zone=UTC).failures


def wrong(lines: Sequence[str], signal: str) -> list[str]:
    """What is read of the lines told once, and again six minutes later, where it is not that."""
    once, twice = at(lines, CLOCK), at(lines, LATER)
    told = [[f.signal for f in read(once)], [f.signal for f in read(once, twice)]]
    return [] if told == [[signal], [signal, signal]] else [f"{lines[0][:80]}: {told}"]


def each_message() -> Iterator[tuple[str, str]]:
    yield from ((signal, text) for signal, texts in MESSAGES.items() for text in texts)


@pytest.mark.parametrize(("frame", "driver"), FRAMES, ids=[f[0][:60] for f in FRAMES])
def test_a_program_passes_the_message_on_in_its_own_frame(frame: str, driver: str | None) -> None:
    failed = []
    for signal, message in each_message():
        failed += wrong([frame.replace(" @", f" {message}").replace('"@', f'"{message}')
                         .replace("'@", f"'{message}").replace("(@", f"({message}")
                         .replace("[@", f"[{message}").replace("]@", f"]{message}")
                         .replace("=@", f"={message}")], signal)  # fmt: skip
    assert failed == []
    if driver is not None:
        told = read(at([frame.replace("@", "MySQL server has gone away")], CLOCK))
        assert told[0].driver == driver


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_one_failure_behind_every_stamp(stack: str, stamp: str) -> None:
    failed = []
    for signal, message in IN_STACKS:
        first, *rest = STACKS[stack](message)
        failed += wrong([stamp + first, *rest], signal)
    assert failed == []


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_one_failure_where_each_line_has_a_prefix(stack: str, prefix: str) -> None:
    failed = []
    for signal, message in IN_STACKS:
        failed += wrong([PREFIXES[prefix] + line for line in STACKS[stack](message)], signal)
    assert failed == []


@pytest.mark.parametrize("wrapper", OBJECTS)
@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_one_failure_in_json(stack: str, wrapper: str) -> None:
    failed = []
    for signal, message in IN_STACKS:
        failed += wrong(OBJECTS[wrapper](STACKS[stack](message)), signal)
    assert failed == []


def dotnet_stack(language: str, errno: int) -> list[str]:
    windows = {104: 10054, 111: 10061, 110: 10060, 103: 10053}[errno]
    outer = (
        "Unable to connect to any of the specified MySQL hosts."
        if errno in (110, 111)
        else "Failed to read the result set."
    )
    return [
        "2026-11-28 HH:MM:SS.123 +00:00 [ERR] request failed",
        f"MySqlConnector.MySqlException (0x80004005): {outer}",
        f" ---> System.Net.Sockets.SocketException ({windows}): {SYSTEM_WORDS[language][errno]}",
        f"   {AT[language]} MySqlConnector.Protocol.SocketByteHandler.DoReadBytesSync() in a.cs",
        "--- Ende der Stapelüberwachung vom vorhergehenden Ort ---",
        f"   {AT[language]} MySqlConnector.Core.ServerSession.ReceiveReplyAsync()",
    ]


def dotnet_line(language: str, errno: int) -> list[str]:
    outer = (
        "Unable to connect to any of the specified MySQL hosts."
        if errno in (110, 111)
        else "Fatal error encountered during command execution."
    )
    return [
        f"2026-11-28 HH:MM:SS ERROR MySql.Data.MySqlClient.MySqlException (0x80004005): {outer}"
        " ---> System.Net.Sockets.SocketException (0x80004005):"
        f" {SYSTEM_WORDS[language][errno]}",
        f"   {AT[language]} MySql.Data.MySqlClient.MySqlStream.ReadPacket()",
    ]


@pytest.mark.parametrize("language", SYSTEM_WORDS)
@pytest.mark.parametrize("form", [dotnet_stack, dotnet_line])
def test_the_systems_words_are_read_in_each_language(form: object, language: str) -> None:
    assert callable(form)
    for errno in SYSTEM_WORDS[language]:
        lines = form(language, errno)
        signal = "client.connect-timeout" if errno == 110 else SIGNALS[errno]
        assert wrong(lines, signal) == []
        assert [f.errno for f in read(at(lines, CLOCK))] == [errno]


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-28 09:15:04 INFO shop.jobs: retrying after: @",
        "2026-11-28 09:15:04 DEBUG shop.jobs: caught @",
        "2026-11-28 09:15:04 INSERT INTO tickets (body) VALUES ('customer writes: @')",
        '2026-11-28 09:15:04 UPDATE faq SET answer = "@" WHERE id = 7',
        "2026-11-28 09:15:04 SELECT id FROM log WHERE text LIKE '%@%'",
        '10.0.0.1 - - [28/Nov/2026:09:15:04 +0000] "GET /search?q=@ HTTP/1.1" 200 12',
        '{"time":"2026-11-28T09:15:04Z","level":"info","msg":"retrying after: @"}',
        '{"time":1795857304000,"level":30,"msg":"will retry: @"}',
    ],
)
@pytest.mark.parametrize(
    "message", ["MySQL server has gone away", "Lost connection to MySQL server during query"]
)
def test_what_only_mentions_an_error_is_none(line: str, message: str) -> None:
    assert read(line.replace("@", message)) == ()


ORDERS: dict[str, Callable[[list[list[str]]], list[str]]] = {
    "oldest first": lambda records: [line for r in records for line in r],
    "newest record first": lambda records: [line for r in reversed(records) for line in r],
    "newest line first": lambda records: [line for r in reversed(records) for line in reversed(r)],
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("stack", STACKS)
def test_five_events_are_five_in_whichever_order_they_stand(stack: str, order: str) -> None:
    failed = []
    for stamp in STAMPS:
        first, *rest = STACKS[stack]("MySQL server has gone away")
        clocks = [("09", f"{10 + 7 * n}", "04") for n in range(5)]
        records = [at([stamp + first, *rest], clock).split("\n") for clock in clocks]
        told = read(*ORDERS[order](records))
        moments = {f.at for f in told}
        if len(told) != 5 or len(moments) != 5 or None in moments:
            failed.append(f"{stamp}: {len(told)} at {len(moments)} moments")
    assert failed == []


@pytest.mark.parametrize(
    "line",
    [
        "INFO MySQL connection closed",
        "INFO mysql pool: idle connection closed after 60 s",
        "DEBUG HikariPool-1 - Closing connection com.mysql.cj.jdbc.ConnectionImpl@39e2b6a0:"
        " (connection has passed maxLifetime)",
        "INFO sqlalchemy.pool.impl.QueuePool Connection <pymysql.connections.Connection object>"
        " exceeded timeout; recycling",
        "INFO config: retry_errors=['MySQL server has gone away','Lost connection']",
        "WARN redis: Connection reset by peer",
        "ERROR SMTP: Connection timed out",
        "ERROR S3 upload: Broken pipe",
        "ERROR org.postgresql.util.PSQLException: This connection has been closed.",
        "WARN ERROR 1062 (23000): Duplicate entry '2006' for key 'year'",
        "ERROR Error 1213: Deadlock found when trying to get lock; try restarting transaction",
        "ERROR HTTPConnectionPool(host='api', port=443): Read timed out. (read timeout=10)",
        "ERROR Docker: dial tcp 10.0.0.9:2375: connect: connection refused",
        "ERROR [memcached] server has gone away",
        "WARN too many connections from 10.0.0.1, throttling",
        "ERROR Unable to connect to database mongodb://x",
    ],
)
def test_quiet_lines_and_other_servers_are_none_also_beside_a_failure(line: str) -> None:
    told = f"2026-11-28 09:15:04 {line}"
    lost = "2026-11-28 08:15:04 ERROR shop: OperationalError: (2006, 'MySQL server has gone away')"
    assert read(told) == ()
    assert len(read(lost, told)) == 1
