"""What waits in a socket, as the probes hear it: packets, errors, a FIN, a RST."""

import socket
import struct
import time
from collections.abc import Iterator

import pytest

from wizard.probes.shared.quiet_socket import QuietSocket, SocketEvent, wait_for_any
from wizard.server.connection_end import ConnectionEnd


class _Session:
    """As much of a session as a wire needs."""

    def __init__(self, line: socket.socket) -> None:
        self.raw_socket = line


@pytest.fixture
def pair() -> Iterator[tuple[QuietSocket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    with ours, theirs:
        yield QuietSocket(_Session(ours)), theirs  # type: ignore[arg-type]


def _heard(wire: QuietSocket) -> SocketEvent:
    give_up = time.monotonic() + 60
    while (heard := wire.hear()) is None:
        assert time.monotonic() < give_up
        wait_for_any([wire], 0.1)
    return heard


def _packet(payload: bytes, number: int = 0) -> bytes:
    return struct.pack("<I", len(payload))[:3] + bytes([number]) + payload


ERROR = b"\xff" + struct.pack("<H", 4031) + b"#HY000The client was disconnected\x1b[2J"


def test_silence_is_nothing(pair: tuple[QuietSocket, socket.socket]) -> None:
    assert pair[0].hear() is None


def test_a_fin_is_a_close(pair: tuple[QuietSocket, socket.socket]) -> None:
    wire, other = pair
    other.shutdown(socket.SHUT_WR)
    assert _heard(wire) == SocketEvent(ConnectionEnd.CLOSED)


def test_a_rst_is_a_reset(pair: tuple[QuietSocket, socket.socket]) -> None:
    wire, other = pair
    other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    other.close()
    assert _heard(wire) == SocketEvent(ConnectionEnd.RESET)


def test_an_error_that_came_before_the_end_is_read(pair: tuple[QuietSocket, socket.socket]) -> None:
    wire, other = pair
    other.sendall(_packet(ERROR))
    other.close()
    heard = _heard(wire)
    assert (heard.ending, heard.number) == (ConnectionEnd.TOLD, 4031)
    assert heard.text == "The client was disconnected[2J"


def test_an_error_behind_the_columns_of_a_result_is_found(
    pair: tuple[QuietSocket, socket.socket],
) -> None:
    wire, other = pair
    other.sendall(_packet(b"\x01", 1) + _packet(b"\x03def", 2) + _packet(ERROR, 3))
    assert _heard(wire).number == 4031


@pytest.mark.parametrize("sent", [b"\x00\x00\x00\x00\x00", b"\xff\xff\xff\x00" + b"x" * 9000])
def test_what_no_server_says_harms_nothing(
    pair: tuple[QuietSocket, socket.socket], sent: bytes
) -> None:
    wire, other = pair
    other.sendall(sent)
    assert _heard(wire).ending is None


def test_a_packet_counts_once_it_is_there(pair: tuple[QuietSocket, socket.socket]) -> None:
    wire, other = pair
    other.sendall(_packet(ERROR)[:8])
    wait_for_any([wire], 5)
    assert wire.hear() is None
    other.sendall(_packet(ERROR)[8:])
    assert _heard(wire).number == 4031


def test_a_question_is_one_tagged_packet(pair: tuple[QuietSocket, socket.socket]) -> None:
    wire, other = pair
    assert wire.ask("DO 1") is None
    expected = b"\x03/* goneaway-wizard */ DO 1"
    assert other.recv(100) == _packet(expected)
