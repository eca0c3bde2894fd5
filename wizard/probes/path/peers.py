"""Who stands at the other end: a server, a proxy or a service of a cloud. Pure.

Recognised by the version in the greeting, by the server's variables, or by the name that was
connected to. Idle limits are the documented defaults of the makers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

VARIABLES = (
    "version",
    "version_comment",
    "basedir",
    "hostname",
    "aurora_version",
    "rds_heartbeat_timeout",
    "cloudsql_iam_authentication",
    "cloudsql_mysql_audit_data_masking_cmds",
    "tidb_current_ts",
    "wsrep_on",
)


@dataclass(frozen=True, slots=True)
class Peer:
    """`is_proxy` for what passes connections on to a server. `idle_seconds` is after how long it
    ends or forgets idle ones, where its maker says so; `told_by` what gave it away."""

    name: str
    is_proxy: bool
    told_by: str
    idle_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    is_proxy: bool
    idle_seconds: int | None = None


_PROXYSQL = _Known("ProxySQL", True, 28800)
_MAXSCALE = _Known("MaxScale", True)
_ROUTER = _Known("MySQL Router", True)

# ProxySQL: mysql-server_version and version_comment; MySQL Router appends its name to the version.
_GREETINGS = (
    ("proxysql", _PROXYSQL),
    ("maxscale", _MAXSCALE),
    ("router", _ROUTER),
    ("vitess", _Known("Vitess (vtgate)", True)),
    ("tidb", _Known("TiDB", False)),
    ("oceanbase", _Known("OceanBase", False)),
    ("clickhouse", _Known("ClickHouse", False)),
    ("doris", _Known("Apache Doris", False)),
    ("starrocks", _Known("StarRocks", False)),
    ("singlestore", _Known("SingleStore", False)),
    ("memsql", _Known("SingleStore", False)),
    ("dolt", _Known("Dolt", False)),
    ("-google", _Known("Google Cloud SQL", False)),
    ("azure", _Known("Azure Database for MySQL", False)),
    ("percona", _Known("Percona Server", False)),
    ("xtradb cluster", _Known("Percona XtraDB Cluster", False)),
)

# The first that matches a part of the name counts. RDS Proxy: IdleClientTimeout; Azure: the
# gateway's idle timeout; PlanetScale: its limits page.
_NAMES = (
    (".proxy-", ".rds.amazonaws.com", _Known("Amazon RDS Proxy", True, 1800)),
    (".cluster-", ".rds.amazonaws.com", _Known("Amazon Aurora", False)),
    ("", ".rds.amazonaws.com", _Known("Amazon RDS or Aurora", False)),
    ("", ".elb.amazonaws.com", _Known("AWS load balancer", True, 350)),
    ("", ".mysql.database.azure.com", _Known("Azure Database for MySQL", False, 240)),
    ("", ".mariadb.database.azure.com", _Known("Azure Database for MariaDB", False, 240)),
    ("", ".cloudapp.azure.com", _Known("Azure load balancer", True, 240)),
    ("", ".sql.goog", _Known("Google Cloud SQL", False, 600)),
    ("", ".psdb.cloud", _Known("PlanetScale", True)),
    ("", ".tidbcloud.com", _Known("TiDB Cloud", True)),
    ("", ".aivencloud.com", _Known("Aiven", False)),
    ("", ".db.ondigitalocean.com", _Known("DigitalOcean", False)),
    ("", ".skysql.com", _Known("MariaDB SkySQL (MaxScale)", True)),
    ("", ".oraclevcn.com", _Known("MySQL HeatWave", False)),
    ("", ".svc.cluster.local", _Known("Kubernetes service (IPVS or iptables)", True, 900)),
)


def recognised(greeting: str, variables: Mapping[str, str], host: str | None) -> tuple[Peer, ...]:
    """Everything that is recognised, each once; proxies first.

    `greeting` is the version in it, `variables` the server's by lower-case name, `host` the name
    that was connected to.
    """
    found: dict[str, Peer] = {}
    for peer in (
        *_by_greeting(greeting, variables.get("version_comment", "")),
        *_by_variables(variables),
        *_by_name(host or ""),
    ):
        found.setdefault(peer.name, peer)
    told_by = _rewritten(greeting, variables.get("version", ""))
    if told_by and not any(p.is_proxy for p in found.values()):
        found["a proxy"] = Peer("a proxy", True, told_by)
    return tuple(sorted(found.values(), key=lambda peer: not peer.is_proxy))


def _by_greeting(greeting: str, comment: str) -> list[Peer]:
    peers = []
    for where, text in (("the greeting", greeting), ("version_comment", comment)):
        for mark, known in _GREETINGS:
            if mark in text.lower():
                peers.append(Peer(known.name, known.is_proxy, where, known.idle_seconds))
    return peers


def _by_variables(variables: Mapping[str, str]) -> list[Peer]:
    peers = []
    if variables.get("aurora_version"):
        peers.append(Peer("Amazon Aurora", False, "aurora_version"))
    elif variables.get("basedir", "").startswith("/rdsdbbin"):
        peers.append(Peer("Amazon RDS", False, "basedir"))
    if any(name.startswith("cloudsql_") for name in variables):
        peers.append(Peer("Google Cloud SQL", False, "cloudsql variables", 600))
    if any(name.startswith("tidb_") for name in variables):
        peers.append(Peer("TiDB", False, "tidb variables"))
    if variables.get("wsrep_on", "").upper() in ("ON", "1"):
        peers.append(Peer("Galera Cluster", False, "wsrep_on"))
    return peers


def _by_name(host: str) -> list[Peer]:
    name = host.lower().rstrip(".")
    for part, suffix, known in _NAMES:
        if name.endswith(suffix) and part in name:
            return [Peer(known.name, known.is_proxy, "its name", known.idle_seconds)]
    return []


def _rewritten(greeting: str, version: str) -> str:
    """A greeting with another version than the server's own was written by something between.

    MariaDB puts 5.5.5- before its version in the greeting, for old replicas.
    """
    said, own = greeting.removeprefix("5.5.5-"), version.removeprefix("5.5.5-")
    if not said or not own or said.startswith(own) or own.startswith(said):
        return ""
    return f"a greeting that says {greeting}, where the server says {version}"


def same_end(ours: str, seen: str, addresses: tuple[str, ...] = ()) -> bool | None:
    """Whether the server sees the connection come from where it left; None where nothing tells.

    `ours` is our socket's address and port, or "" where it is no socket of this machine: then
    `addresses` are those of the machine that it left. `seen` is HOST of the process list: an
    address or a name, and the port.
    """
    host, separator, port = seen.rpartition(":")
    host = host.removeprefix("::ffff:").strip("[]")
    if not separator or not port.isdecimal() or not host:
        return None
    if ours:
        address, _, own_port = ours.rpartition(":")
        if port != own_port:
            return False
        return not _is_address(host) or host == address.removeprefix("::ffff:").strip("[]")
    if not addresses or not _is_address(host):
        return None
    return host in addresses


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()
