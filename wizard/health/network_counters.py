"""Packets that the machine drops before a server sees them, and its patience with a peer.

Facts: TcpExt of snmp_counter in the kernel's documentation, tcp(7), nf_conntrack-sysctl.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from wizard.case.evidence import Evidence, Table
from wizard.hosts.protocol import Host
from wizard.hosts.small_files import number_of, text_of
from wizard.units import duration, many

CONNTRACK_SHARE = 0.95
"""From here a burst of a few thousand flows fills the table."""

_CONNTRACK = "/proc/sys/net/netfilter/nf_conntrack_"
_SETTINGS = {
    "tcp_keepalive_time": "/proc/sys/net/ipv4/tcp_keepalive_time",
    "tcp_keepalive_intvl": "/proc/sys/net/ipv4/tcp_keepalive_intvl",
    "tcp_keepalive_probes": "/proc/sys/net/ipv4/tcp_keepalive_probes",
    "tcp_retries2": "/proc/sys/net/ipv4/tcp_retries2",
    "tcp_mtu_probing": "/proc/sys/net/ipv4/tcp_mtu_probing",
    "somaxconn": "/proc/sys/net/core/somaxconn",
    "nf_conntrack_count": f"{_CONNTRACK}count",
    "nf_conntrack_max": f"{_CONNTRACK}max",
}
FILES = tuple(_SETTINGS.values())

Counters = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Network:
    """`settings` by name, as far as they could be read. The counters are of the namespace that
    the server listens in, `before` and `after` the sample; None where it is not known."""

    settings: Mapping[str, int]
    before: Counters | None = None
    after: Counters | None = None

    @property
    def listen_drops(self) -> int | None:
        """Connects that were dropped for a full queue during the sample. A drop may count in
        both (tcp_v4_syn_recv_sock), so the larger is taken."""
        if self.before is None or self.after is None:
            return None
        names = ("ListenOverflows", "ListenDrops")
        return max(self.after.get(n, 0) - self.before.get(n, 0) for n in names)


def counters_of(host: Host, pid: int) -> Counters | None:
    """TcpExt of the network namespace of a process; None where it could not be read."""
    return parse_netstat(text_of(host, netstat_path(pid)) or "") or None


def netstat_path(pid: int) -> str:
    return f"/proc/{pid}/net/netstat"


def parse_netstat(text: str) -> Counters:
    """`/proc/net/netstat`: a line of names, then a line of numbers, by protocol."""
    lines = [line.split() for line in text.splitlines()]
    for names, values in pairwise(lines):
        if names[:1] == values[:1] == ["TcpExt:"] and len(values) > 1 and values[1].isdecimal():
            return {n: int(v) for n, v in zip(names[1:], values[1:], strict=False) if v.isdecimal()}
    return {}


def read_settings(host: Host) -> dict[str, int]:
    read = ((name, number_of(host, path)) for name, path in _SETTINGS.items())
    return {name: value for name, value in read if value is not None}


def evidence(network: Network) -> Iterator[Evidence]:
    count, most = (network.settings.get(f"nf_conntrack_{n}") for n in ("count", "max"))
    if count is not None and most and count >= CONNTRACK_SHARE * most:
        text = f"the connection-tracking table holds {count} of {most} entries"
        source = "net.netfilter.nf_conntrack_count"
        yield Evidence("host.conntrack-full", text, source, value=100.0 * count / most)
    if drops := network.listen_drops:
        text = f"the kernel dropped {drops} connects to a full listen queue while it was watched"
        source = "TcpExt ListenOverflows and ListenDrops"
        yield Evidence("host.listen-drops", text, source, drops, value=float(drops))


def looked_for(network: Network) -> Iterator[str]:
    """A kernel without the module tracks nothing, and its table cannot be full."""
    if network.settings:
        yield "host.conntrack-full"
    if network.listen_drops is not None:
        yield "host.listen-drops"


def table(network: Network, elsewhere: bool) -> Table:
    """`elsewhere`: the server has a root of its own, and so most likely a network too."""
    known = network.settings
    rows = [
        ("Listen queue", _listen(network), ""),
        ("Tracked connections", _tracked(known), _share(known)),
        ("A dead peer is noticed by", "", _keepalive(known)),
        ("An unanswered send ends by", "", _retries(known)),
        ("tcp_mtu_probing", _value(known, "tcp_mtu_probing"), _probing(known)),
        ("somaxconn", _value(known, "somaxconn"), "the longest queue that back_log can get"),
    ]
    note = "The host's settings; the server's container may have its own." if elsewhere else ""
    return Table("Network of the host", ("What", "Value", "Meaning"), tuple(rows), note)


def _value(known: Mapping[str, int], name: str) -> str:
    return str(known[name]) if name in known else "unknown"


def _listen(network: Network) -> str:
    if network.after is None:
        return "unknown: the server's process is not seen"
    drops = network.after.get("ListenDrops", 0)
    now = network.listen_drops
    return f"{many(drops, 'drop')} since boot" + (
        "" if now is None else f", {now} during the sample"
    )


def _tracked(known: Mapping[str, int]) -> str:
    if "nf_conntrack_count" not in known:
        return "not tracked, or not visible"
    return f"{known['nf_conntrack_count']} of {known.get('nf_conntrack_max', 'unknown')}"


def _share(known: Mapping[str, int]) -> str:
    count, most = known.get("nf_conntrack_count"), known.get("nf_conntrack_max")
    return f"{100 * count / most:.0f} % full" if count is not None and most else ""


def _keepalive(known: Mapping[str, int]) -> str:
    names = ("tcp_keepalive_time", "tcp_keepalive_intvl", "tcp_keepalive_probes")
    if not all(name in known for name in names):
        return "unknown"
    time, interval, probes = (known[name] for name in names)
    whole = duration(time + probes * interval)
    return f"keepalive: {duration(time)} + {probes} x {duration(interval)} = {whole}"


def _retries(known: Mapping[str, int]) -> str:
    if "tcp_retries2" not in known:
        return "unknown"
    retries = known["tcp_retries2"]
    return f"tcp_retries2 = {retries}: about {duration(round(_give_up(retries)))} at the least"


def _give_up(retries: int) -> float:
    """Seconds after which the kernel gives an unanswering peer up.

    Exponential backoff from TCP_RTO_MIN (0.2 s) to TCP_RTO_MAX (120 s), which the kernel takes as
    the bound (ip-sysctl, tcp_retries2: 15 gives 924.6 s).
    """
    return sum(min(0.2 * 2.0**n, 120.0) for n in range(min(retries, 1000) + 1))


def _probing(known: Mapping[str, int]) -> str:
    meanings = {
        0: "off: a path that drops large packets hangs",
        1: "on after a black hole was met",
        2: "always on",
    }
    return meanings.get(known.get("tcp_mtu_probing", -1), "")
