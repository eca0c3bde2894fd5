"""A MySQL server that misbehaves in one way, and keeps every byte that it is told.

Layout of the packets: MySQL Internals, "Client/Server Protocol".
"""

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

SALT = b"abcdefgh"
SALT_REST = b"ijklmnopqrst"
_BASE_FLAGS = 0x000FA68F & ~0x0800
"""What MySQL 8 offers, without TLS."""

OK = b"\x00\x00\x00\x02\x00\x00\x00"
EOF = b"\xfe\x00\x00\x02\x00"
DRIP = 0.4


class Gone(Exception):
    """The client has left."""


@dataclass
class Line:
    """One connection, with the packet numbers counted."""

    opened: socket.socket
    heard: bytearray
    number: int = 0

    def send(self, payload: bytes) -> None:
        header = len(payload).to_bytes(3, "little") + bytes([self.number % 256])
        self.number += 1
        self.opened.sendall(header + payload)

    def receive(self) -> bytes:
        header = self._exactly(4)
        self.number = header[3] + 1
        return self._exactly(int.from_bytes(header[:3], "little"))

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            part = self.opened.recv(count - len(data))
            if not part:
                raise Gone
            self.heard += part
            data += part
        return data


Answer = Callable[[Line, str], None]
Login = Callable[[Line], None]


def text(value: object) -> bytes:
    """A value of a text row; None is NULL."""
    if value is None:
        return b"\xfb"
    raw = value if isinstance(value, bytes) else str(value).encode()
    return b"\xfd" + len(raw).to_bytes(3, "little") + raw


def column(name: str, kind: int = 0xFD) -> bytes:
    parts = b"".join(text(part) for part in ("def", "", "", "", name, name))
    return parts + b"\x0c" + struct.pack("<HIBHB", 45, 1024, kind, 0, 0) + b"\x00\x00"


def table(line: Line, names: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> None:
    line.send(bytes([len(names)]))
    for name in names:
        line.send(column(name))
    line.send(EOF)
    for row in rows:
        line.send(b"".join(map(text, row)))
    line.send(EOF)


def greeting(plugin: bytes, version: bytes = b"8.0.44") -> bytes:
    return (
        b"\x0a" + version + b"\0" + struct.pack("<I", 7) + SALT + b"\0"
        + struct.pack("<H", _BASE_FLAGS & 0xFFFF) + b"\x2d" + struct.pack("<H", 2)
        + struct.pack("<H", (_BASE_FLAGS >> 16) & 0xFFFF) + bytes([21]) + bytes(10)
        + SALT_REST + b"\0" + plugin + b"\0"
    )  # fmt: skip


@dataclass
class HostileServer:
    """Serves until closed. `login` runs after the client's answer to the greeting."""

    answer: Answer
    login: Login = lambda line: line.send(OK)
    plugin: bytes = b"mysql_native_password"
    greet: Callable[[Line, bytes], None] = lambda line, hello: line.send(hello)
    heard: bytearray = field(default_factory=bytearray)
    key: rsa.RSAPrivateKey | None = None

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                opened, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(opened,), daemon=True).start()

    def _serve(self, opened: socket.socket) -> None:
        with opened, contextlib.suppress(Gone, OSError):
            line = Line(opened, self.heard)
            self.greet(line, greeting(self.plugin))
            line.receive()
            self.login(line)
            while True:
                said = line.receive()
                if said[:1] == b"\x01":
                    return
                line.number = 1
                self.answer(line, said[1:].decode("utf-8", "replace"))

    def public_key(self) -> bytes:
        self.key = self.key or rsa.generate_private_key(65537, 2048)
        return self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def secrets(self) -> list[bytes]:
        """Every text that was encrypted to this server's own key."""
        found = []
        assert self.key is not None
        for start in range(len(self.heard) - 255):
            with contextlib.suppress(ValueError):
                sealed = bytes(self.heard[start : start + 256])
                scheme = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)
                opened = self.key.decrypt(sealed, scheme)
                salt = SALT + SALT_REST
                found.append(bytes(b ^ salt[i % 20] for i, b in enumerate(opened)))
        return found


def honest(line: Line, sql: str) -> None:
    """Answers what the wizard asks at login, and an empty table to everything else."""
    sql = sql.lower().removeprefix("/* goneaway-wizard */ ")
    if "version()" in sql:
        names = ("version", "comment", "id", "account")
        table(line, names, iter([("8.0.44", "MySQL Community Server", 7, "app@%")]))
    elif "session status" in sql:
        rows = iter([("Uptime", "1000"), ("Ssl_cipher", "")])
        table(line, ("Variable_name", "Value"), rows)
    elif sql.startswith("set"):
        line.send(OK)
    else:
        table(line, ("Variable_name", "Value"), iter(()))


def _is_login(sql: str) -> bool:
    bare = sql.lower().removeprefix("/* goneaway-wizard */ ")
    return "version()" in bare or "session status" in bare or bare.startswith("set")


def after_login(answer: Answer) -> Answer:
    """Honest at login, `answer` from then on."""
    return lambda line, sql: honest(line, sql) if _is_login(sql) else answer(line, sql)


def endless_rows(line: Line, _sql: str) -> None:
    table(line, ("Variable_name", "Value"), (("x" * 1000, "y" * 1000) for _ in itertools.count()))


def endless_tiny_rows(line: Line, _sql: str) -> None:
    table(line, ("Variable_name", "Value"), (("x", i) for i in itertools.count()))


def endless_row(line: Line, _sql: str) -> None:
    line.send(b"\x01")
    line.send(column("Value"))
    line.send(EOF)
    while True:
        line.send(b"z" * 0xFFFFFF)


def dripping_rows(line: Line, _sql: str) -> None:
    def rows() -> Iterator[tuple[object, ...]]:
        while True:
            time.sleep(DRIP)
            yield ("x", "y")

    table(line, ("Variable_name", "Value"), rows())


def other_columns(line: Line, _sql: str) -> None:
    table(line, ("surprise",), iter([("x",)]))


def nulls(line: Line, _sql: str) -> None:
    table(line, ("Variable_name", "Value", "id", "VARIABLE_NAME"), iter([(None,) * 4] * 3))


def out_of_range(line: Line, _sql: str) -> None:
    names = ("Variable_name", "Value", "id", "COUNT", "Uptime")
    rows = [(n, "9" * 5000, "-1", "1e999", "nan") for n in ("Uptime", "wait_timeout", "port")]
    table(line, names, iter(rows))


def bad_utf8(line: Line, _sql: str) -> None:
    table(line, ("Variable_name", "Value"), iter([(b"\xff\xfe\xfa", b"\xc3\x28")]))


def asks_for_a_file(line: Line, _sql: str) -> None:
    line.send(b"\xfb/etc/passwd")
    line.receive()


def wrong_number(line: Line, _sql: str) -> None:
    line.number = 77
    line.send(OK)


def closes(line: Line, _sql: str) -> None:
    line.send(b"\x02")
    line.opened.close()
    raise Gone


def endless_results(line: Line, _sql: str) -> None:
    while True:
        line.send(b"\x00\x00\x00\x0a\x00\x00\x00")


def strange_error(line: Line, _sql: str) -> None:
    line.send(b"\xff" + struct.pack("<H", 65535) + b"#HY000\x1b[2J[bold]boom\x00" + b"A" * 70_000)


def short_error(line: Line, _sql: str) -> None:
    line.send(b"\xff")


def many_columns(line: Line, _sql: str) -> None:
    line.send(b"\xfe" + struct.pack("<Q", 1 << 62))
    for _ in itertools.count():
        line.send(column("c"))


def silent(line: Line, _sql: str) -> None:
    line.receive()


def dripping_greeting(line: Line, hello: bytes) -> None:
    whole = len(hello).to_bytes(3, "little") + b"\x00" + hello
    for byte in whole[:-1]:
        line.opened.sendall(bytes([byte]))
        time.sleep(DRIP)
    while True:
        time.sleep(DRIP)


def dripping_login(line: Line) -> None:
    line.opened.sendall((60_000).to_bytes(3, "little") + bytes([line.number]) + b"\x00")
    while True:
        line.opened.sendall(b"x")
        time.sleep(DRIP)


def more_auth_data(line: Line) -> None:
    while True:
        line.send(b"\x01\x03")


def switch_to(plugin: bytes) -> Login:
    def login(line: Line) -> None:
        line.send(b"\xfe" + plugin + b"\0" + SALT + SALT_REST + b"\0")
        line.receive()
        line.send(OK)

    return login


def keeps_switching(plugin: bytes) -> Login:
    """To a method, back, and so on for ever."""

    def login(line: Line) -> None:
        for name in itertools.cycle((plugin, b"mysql_native_password")):
            line.send(b"\xfe" + name + b"\0" + SALT + SALT_REST + b"\0")
            line.receive()

    return login


def says(packet: bytes) -> Login:
    """One packet in answer to the login, and no more."""

    def login(line: Line) -> None:
        line.send(packet)
        line.receive()

    return login


def says_out_of_turn(line: Line) -> None:
    line.number = 200
    line.send(OK)


def asks_second_factor(line: Line) -> None:
    """MySQL, Protocol::AuthNextFactorRequest."""
    line.send(b"\x02authentication_webauthn_client\0" + SALT + SALT_REST + b"\0")
    line.receive()


def floods_the_login(line: Line) -> None:
    while True:
        line.send(b"z" * 0xFFFFFF)


def cut_greeting(length: int) -> Callable[[Line, bytes], None]:
    def greet(line: Line, hello: bytes) -> None:
        line.send(hello[:length])
        line.receive()

    return greet


def asks_full_password(server: HostileServer) -> Login:
    """caching_sha2_password: "I do not know you yet", then its own key."""

    def login(line: Line) -> None:
        line.send(b"\x01\x04")
        if line.receive() == b"\x02":
            line.send(b"\x01" + server.public_key())
            line.receive()
        line.send(OK)

    return login


def sends_own_key(server: HostileServer) -> Login:
    """sha256_password: the client asks for a key at once."""

    def login(line: Line) -> None:
        line.send(b"\x01" + server.public_key())
        line.receive()
        line.send(OK)

    return login


def switches_to_sha256(server: HostileServer) -> Login:
    def login(line: Line) -> None:
        line.send(b"\xfesha256_password\0" + SALT + SALT_REST + b"\0")
        if line.receive() == b"\x01":
            line.send(b"\x01" + server.public_key())
            line.receive()
        line.send(OK)

    return login


def most_columns(line: Line, _sql: str) -> None:
    """As many as the protocol can name in two bytes, with a row for them."""
    line.send(b"\xfc\xff\xff")
    for _ in range(0xFFFF):
        line.send(column("c"))
    line.send(EOF)
    line.send(b"\xfb" * 0xFFFF)
    line.send(EOF)


def lying_lengths(line: Line, _sql: str) -> None:
    """A value that is said to be far longer than its packet."""
    line.send(b"\x02")
    line.send(column("Variable_name"))
    line.send(column("Value"))
    line.send(EOF)
    line.send(text("x") + b"\xfe" + struct.pack("<Q", 1 << 60) + b"y")
    line.send(b"\xfd\xff\xff\xff")
    line.send(EOF)


def lying_column(line: Line, _sql: str) -> None:
    line.send(b"\x01")
    line.send(text("def") + b"\xfe" + struct.pack("<Q", (1 << 64) - 1) + b"x")


def error_amid_rows(line: Line, _sql: str) -> None:
    line.send(b"\x02")
    line.send(column("Variable_name"))
    line.send(column("Value"))
    line.send(EOF)
    line.send(text("wait_timeout") + text("60"))
    line.send(b"\xff" + struct.pack("<H", 1317) + b"#70100Query execution was interrupted")


def endless_warnings(line: Line, _sql: str) -> None:
    """Each answer has as many warnings as can be said; asked for them, it never stops."""
    line.send(b"\x02")
    line.send(column("Variable_name"))
    line.send(column("Value"))
    line.send(b"\xfe\xff\xff\x02\x00")
    line.send(text("Uptime") + text("1"))
    line.send(b"\xfe\xff\xff\x02\x00")


def endless_tables(line: Line, _sql: str) -> None:
    """One table after another, each with the flag that more come."""
    more = b"\xfe\x00\x00\x0a\x00"
    while True:
        line.send(b"\x01")
        line.send(column("Value"))
        line.send(more)
        line.send(text("x"))
        line.send(more)


def empty_packets(line: Line, _sql: str) -> None:
    while True:
        line.send(b"")


def answers_twice(line: Line, _sql: str) -> None:
    """From then on each answer is that of the question before."""
    for value in ("1", "2"):
        line.number = 1
        table(line, ("Variable_name", "Value"), iter([("Uptime", value)]))


def lying_types(line: Line, _sql: str) -> None:
    """Times, numbers, JSON and bits that are none."""
    kinds = {"Variable_name": 0x0C, "Value": 0xF6, "id": 0x08, "COUNT": 0x10, "Uptime": 0xF5}
    line.send(bytes([len(kinds)]))
    for name, kind in kinds.items():
        line.send(column(name, kind))
    line.send(EOF)
    for value in ("0000-00-00 00:00:00", "9999-99-99 99:99:99.9999999", "\u0663", "-", "1e400"):
        line.send(text(value) * len(kinds))
    line.send(EOF)


def says_it_is_done(line: Line, _sql: str) -> None:
    """Nothing but "done" to each question, also to those that ask for rows."""
    line.send(OK)


class ChangingGreeting:
    """Another server at each connection: MySQL, MariaDB, one of 1999, one that speaks HTTP."""

    def __init__(self) -> None:
        self.came = 0

    def __call__(self, line: Line, hello: bytes) -> None:
        said = (
            hello,
            greeting(b"mysql_native_password", b"5.5.5-11.8.2-MariaDB"),
            b"\x093.20.1\0" + struct.pack("<I", 7) + SALT + b"\0",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            greeting(b"x" * 60_000, b"9" * 60_000),
        )[self.came % 5]
        self.came += 1
        line.send(said)


ANSWERS: dict[str, Answer] = {
    "endless rows": endless_rows,
    "endless tiny rows": endless_tiny_rows,
    "an endless row": endless_row,
    "dripping rows": dripping_rows,
    "other columns": other_columns,
    "nulls": nulls,
    "out of range": out_of_range,
    "bad UTF-8": bad_utf8,
    "asks for a file": asks_for_a_file,
    "wrong packet number": wrong_number,
    "closes": closes,
    "endless results": endless_results,
    "strange error": strange_error,
    "short error": short_error,
    "many columns": many_columns,
    "silent": silent,
    "the most columns": most_columns,
    "lying lengths": lying_lengths,
    "error amid rows": error_amid_rows,
    "answers twice": answers_twice,
    "lying types": lying_types,
}
"""What it does with each question that comes after the login."""

PLUGINS = (
    b"mysql_native_password", b"caching_sha2_password", b"sha256_password", b"mysql_clear_password",
    b"mysql_old_password", b"dialog", b"client_ed25519", b"parsec", b"auth_gssapi_client",
    b"authentication_ldap_sasl_client", b"authentication_webauthn_client",
    b"authentication_openid_connect_client", b"", b"x" * 60_000, b"\xff\xfe\x1b[2J",
)  # fmt: skip
"""Methods of a login that a server may name; the last three are none."""

PACKETS = (
    b"", b"\xfe", b"\xfemysql_native_password", b"\xfb/etc/passwd", b"\xff", b"\x01",
    b"\x00" + b"\xff" * 50, b"\xfemysql_native_password\0" + b"s" * 0xFF0000,
)  # fmt: skip
"""What may come in place of an answer to the login."""

MORE_ANSWERS: dict[str, Answer] = {
    "a lying column": lying_column,
    "endless warnings": endless_warnings,
    "endless tables": endless_tables,
    "empty packets": empty_packets,
    "says it is done": says_it_is_done,
}
"""Siblings of those, which `make soak` tries as well."""
