"""A name server of our own that answers well, late, wrongly or not at all (RFC 1035)."""

import ipaddress
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import IntEnum

_TYPE_A = 1
_TYPE_PTR = 12
_HEADER = 12
_POLL = 0.1
_TTL = 0


class Answer(IntEnum):
    """RCODE (RFC 1035, section 4.1.1)."""

    GOOD = 0
    SERVER_FAILURE = 2
    NAME_ERROR = 3


@dataclass(frozen=True, slots=True)
class Manner:
    """How questions are answered: after `delay` seconds, unless `mute`."""

    delay: float = 0.0
    mute: bool = False
    fails: bool = False


class NameServer:
    """Listens on 127.0.0.1:53 of the network that the starting thread is in.

    `asked` are the names of all questions so far, in order. The manners are for a `with`; what
    is asked then is treated so, also when it is over meanwhile.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._manner = Manner()
        self._addresses: dict[str, str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, addresses: Mapping[str, str]) -> None:
        """Serve these names, and the way back from their addresses."""
        self._addresses = dict(addresses)
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 53))
        listener.settimeout(_POLL)
        self._thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(60)

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """Every answer comes so late; glibc asks again after 5 s (resolv.conf(5), timeout)."""
        with self._being(Manner(delay=seconds)):
            yield

    @contextmanager
    def silent(self) -> Iterator[None]:
        """No answer comes."""
        with self._being(Manner(mute=True)):
            yield

    @contextmanager
    def failing(self) -> Iterator[None]:
        """Every answer is SERVFAIL."""
        with self._being(Manner(fails=True)):
            yield

    @contextmanager
    def _being(self, manner: Manner) -> Iterator[None]:
        before, self._manner = self._manner, replace(manner)
        try:
            yield
        finally:
            self._manner = before

    def _serve(self, listener: socket.socket) -> None:
        with listener:
            while not self._stop.is_set():
                try:
                    question, sender = listener.recvfrom(512)
                except TimeoutError:
                    continue
                arguments = (listener, question, sender, self._manner)
                threading.Thread(target=self._reply, args=arguments, daemon=True).start()

    def _reply(
        self, listener: socket.socket, question: bytes, sender: tuple[str, int], manner: Manner
    ) -> None:
        name, kind, end = _parsed(question)
        self.asked.append(name)
        if manner.mute or (manner.delay and self._stop.wait(manner.delay)):
            return
        answer, data = (Answer.SERVER_FAILURE, b"") if manner.fails else self._found(name, kind)
        header = struct.pack(">2sHHHHH", question[:2], 0x8580 | answer, 1, 1 if data else 0, 0, 0)
        record = struct.pack(">HHHIH", 0xC00C, kind, 1, _TTL, len(data)) + data if data else b""
        listener.sendto(header + question[_HEADER:end] + record, sender)

    def _found(self, name: str, kind: int) -> tuple[Answer, bytes]:
        backward = {
            ipaddress.ip_address(address).reverse_pointer: known
            for known, address in self._addresses.items()
        }
        if name in self._addresses:
            address = ipaddress.ip_address(self._addresses[name])
            return Answer.GOOD, address.packed if kind == _TYPE_A else b""
        if name in backward:
            return Answer.GOOD, _encoded(backward[name]) if kind == _TYPE_PTR else b""
        return Answer.NAME_ERROR, b""


def _parsed(question: bytes) -> tuple[str, int, int]:
    """The name asked for, the type of record, and where the question ends."""
    labels, at = [], _HEADER
    while (length := question[at]) != 0:
        labels.append(question[at + 1 : at + 1 + length].decode("ascii").lower())
        at += 1 + length
    (kind,) = struct.unpack_from(">H", question, at + 1)
    return ".".join(labels), kind, at + 5


def _encoded(name: str) -> bytes:
    labels = (label.encode("ascii") for label in name.split("."))
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
