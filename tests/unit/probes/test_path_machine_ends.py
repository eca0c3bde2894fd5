"""What commands and tables of a machine tell of its listeners and routes; the search for an MTU."""

import pytest

from wizard.probes.path.listener import Listener, from_proc, from_ss
from wizard.probes.path.machine_ends import Listening, own_addresses, parsed_route, taker_of
from wizard.probes.path.mtu import SMALL, Echo, PathMtu, find

SS = """\
LISTEN 0      80         127.0.0.1:3306      0.0.0.0:*    users:(("mariadbd",pid=812,fd=22))
LISTEN 5      4096       [::]:3306              [::]:*    users:(("docker-proxy",pid=9,fd=4))
LISTEN 0      151                *:3306            *:*
LISTEN 3      2          127.0.0.53%lo:53     0.0.0.0:*
garbage
"""

PROC = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000002 00:00000000 00000000   999        0 1
   1: 0100007F:0CEA 0100007F:A1B2 01 00000000:00000000 00:00000000 00000000   999        0 2
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3
"""
PROC6 = """\
  sl  local_address                         remote_address                        st tx_queue
   0: 00000000000000000000000000000000:0CEA 00000000000000000000000000000000:0000 0A 00000000:00000000
   1: 0000000000000000FFFF00000500000A:0CEA 00000000000000000000000000000000:0000 0A 00000000:00000000
"""  # noqa: E501


def test_ss_names_program_address_and_queue() -> None:
    server, docker, hidden, resolver = from_ss(SS)
    assert server == Listener("127.0.0.1", "mariadbd", 812, 0, 80)
    assert (server.is_server, server.is_forwarder) == (True, False)
    assert (docker.address, docker.is_forwarder, docker.is_full) == ("::", True, False)
    assert (hidden.address, hidden.process, hidden.pid) == ("*", "", None)
    assert (resolver.address, resolver.is_full) == ("127.0.0.53", True)


def test_the_kernels_table_tells_the_address_alone() -> None:
    assert list(from_proc(PROC, 3306)) == [Listener("127.0.0.1", waiting=2)]
    assert [at.address for at in from_proc(PROC6, 3306)] == ["::", "10.0.0.5"]
    assert list(from_proc("", 3306)) == []


def test_who_takes_a_connection() -> None:
    server, docker = Listener("127.0.0.1", "mariadbd", 1), Listener("0.0.0.0", "docker-proxy", 2)
    seen = Listening("this host", (server, docker))
    assert taker_of(seen, "127.0.0.1") is server
    assert taker_of(seen, "10.0.0.5") is docker
    both = Listening("this host", (docker, Listener("::", "haproxy", 3)))
    assert taker_of(both, "10.0.0.5") is None
    assert taker_of(Listening("this host", (server,)), "10.0.0.5") is None


@pytest.mark.parametrize(
    ("text", "device", "via", "mtu"),
    [
        ("10.0.0.2 dev eth0 src 10.0.0.9 uid 0 \\    cache \n", "eth0", "", None),
        ("10.9.0.2 via 10.0.0.1 dev wg0 src 10.0.0.9 uid 0 \\    cache expires 9sec mtu 1420",
         "wg0", "10.0.0.1", 1420),
        ("10.9.0.2 via 10.0.0.1 dev eth0 mtu lock 1300", "eth0", "10.0.0.1", 1300),
    ],
)  # fmt: skip
def test_a_route(text: str, device: str, via: str, mtu: int | None) -> None:
    route = parsed_route(text)
    assert route is not None
    assert (route.device, route.via, route.mtu) == (device, via, mtu)


def test_no_route_and_own_addresses() -> None:
    assert parsed_route("RTNETLINK answers: Network is unreachable") is None
    text = "1: lo    inet 127.0.0.1/8 scope host lo\n2: e0    inet6 fe80::1/64 scope link"
    assert own_addresses(text) == ("127.0.0.1", "fe80::1")


@pytest.mark.parametrize(
    ("narrow", "met", "found"),
    [
        (1500, Echo.SILENT, PathMtu(1500, 1500, reported=False)),
        (1420, Echo.SILENT, PathMtu(1420, 1500, reported=False)),
        (1410, Echo.TOO_BIG, PathMtu(1400, 1500, reported=True)),
        (600, Echo.SILENT, PathMtu(576, 1500, reported=False)),
        (100, Echo.TOO_BIG, PathMtu(SMALL, 1500, reported=True)),
    ],
)
def test_the_largest_echo_is_found(narrow: int, met: Echo, found: PathMtu) -> None:
    assert find(lambda size: Echo.ANSWERED if size <= narrow else met, 1500) == found


def test_where_no_echo_is_answered_nothing_is_said() -> None:
    assert find(lambda _size: Echo.SILENT, 1500) is None


def test_one_lost_echo_is_no_limit() -> None:
    sent: list[int] = []

    def every_second(size: int) -> Echo:
        sent.append(size)
        return Echo.SILENT if len(sent) % 2 else Echo.ANSWERED

    assert find(every_second, 1500) == PathMtu(1500, 1500, reported=False)
