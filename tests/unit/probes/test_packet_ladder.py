"""Which packet is tried next, and what the tries say: on paths that are described by rules."""

from collections.abc import Callable

import pytest

from wizard.probes.packet.ladder import (
    LARGEST_FRAME,
    PRECISION,
    TOO_LARGE,
    By,
    PacketLadder,
    PacketVerdict,
    Try,
    next_size,
    verdict,
)
from wizard.server.connection_end import ConnectionEnd

MIB = 1 << 20
Path = Callable[[int, int], ConnectionEnd | None]
"""A size and how many packets went before, to what becomes of the packet."""


def _climbed(ladder: PacketLadder, path: Path) -> tuple[list[Try], PacketVerdict]:
    tries: list[Try] = []
    while (size := next_size(ladder, tries)) is not None:
        assert size <= ladder.top
        ending = path(size, len(tries))
        tries.append(Try(size, ending, TOO_LARGE if ending is ConnectionEnd.TOLD else None))
        assert len(tries) < 100
    return tries, verdict(ladder, tries)


def _above(limit: int, ending: ConnectionEnd) -> Path:
    return lambda size, _before: ending if size > limit else None


def test_the_servers_limit_is_reached_without_a_failure() -> None:
    tries, found = _climbed(PacketLadder(20 * MIB - 1, 20 * MIB), lambda _size, _before: None)
    assert found == PacketVerdict(By.SERVER, 20 * MIB - 1)
    assert [t.size for t in tries] == sorted({t.size for t in tries})
    assert sum(t.size for t in tries) < 3 * 20 * MIB


def test_a_bound_below_the_servers_limit_says_nothing_of_it() -> None:
    _, found = _climbed(PacketLadder(4 * MIB, 20 * MIB), lambda _size, _before: None)
    assert found == PacketVerdict(By.NOTHING, 4 * MIB)


@pytest.mark.parametrize("ending", [ConnectionEnd.TOLD, ConnectionEnd.CLOSED, ConnectionEnd.RESET])
@pytest.mark.parametrize("limit", [1100, 5000, 300_000, 16 * MIB, 20 * MIB - 5000])
def test_a_limit_on_the_way_is_found_to_the_kib(limit: int, ending: ConnectionEnd) -> None:
    tries, found = _climbed(PacketLadder(20 * MIB - 1, 20 * MIB), _above(limit, ending))
    assert found.by is By.PATH
    assert found.passes <= limit <= found.passes + PRECISION
    assert found.ending is ending
    assert len([t for t in tries if not t.passed]) <= (16 if ending is ConnectionEnd.TOLD else 32)


def test_a_server_whose_limit_ends_a_few_bytes_early_is_no_proxy() -> None:
    _, found = _climbed(PacketLadder(MIB - 1, MIB), _above(MIB - 40, ConnectionEnd.TOLD))
    assert found.by is By.SERVER


@pytest.mark.parametrize("segment", [508, 1160, 1360, 1412, 1460, 8960])
def test_a_black_hole_is_two_sizes_lost_twice(segment: int) -> None:
    tries, found = _climbed(
        PacketLadder(20 * MIB - 1, 20 * MIB), _above(segment, ConnectionEnd.SILENT)
    )
    assert found.by is By.BLACK_HOLE
    assert found.passes <= segment < (found.fails or 0)
    lost = [t.size for t in tries if not t.passed]
    assert len(lost) == 4
    assert len(set(lost)) == 2


def test_a_packet_that_is_lost_by_chance_is_sent_again() -> None:
    def unlucky(_size: int, before: int) -> ConnectionEnd | None:
        return ConnectionEnd.SILENT if before % 2 else None

    _, found = _climbed(PacketLadder(MIB - 1, MIB), unlucky)
    assert found.by is By.SERVER


def test_a_size_that_is_lost_twice_below_one_that_passes_accuses_nobody() -> None:
    _, found = _climbed(
        PacketLadder(MIB - 1, MIB),
        lambda size, _before: ConnectionEnd.SILENT if size == 1400 else None,
    )
    assert found.by is By.SERVER


def test_large_packets_that_hang_are_no_black_hole() -> None:
    _, found = _climbed(PacketLadder(MIB - 1, MIB), _above(LARGEST_FRAME * 4, ConnectionEnd.SILENT))
    assert found.by is By.STALLS


def test_a_path_that_passes_nothing_is_judged_by_nobody() -> None:
    _, found = _climbed(PacketLadder(MIB - 1, MIB), lambda _size, _before: ConnectionEnd.SILENT)
    assert found.by is By.UNKNOWN


def test_tries_that_were_cut_short_are_no_verdict() -> None:
    ladder = PacketLadder(MIB - 1, MIB)
    assert verdict(ladder, []).by is By.UNKNOWN
    assert verdict(ladder, [Try(100), Try(1000)]).by is By.UNKNOWN
    once = [Try(1000), Try(1250, ConnectionEnd.SILENT)]
    assert verdict(ladder, once).by is By.UNKNOWN
