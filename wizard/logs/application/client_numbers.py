"""What a client's error number means, where its text does not say.

MySQL and MariaDB give some numbers a different meaning: MariaDB's 4031 is about triggers and
its 4082 about row variables; 1927 and 1969 exist in MariaDB only. 1047 is "Unknown command"
except in a Galera cluster, where only its text tells. (MySQL Error Message Reference; MariaDB
Error Codes.)
"""

from wizard.case.evidence import Phase

_ANY: dict[int, tuple[str, Phase]] = {
    2006: ("client.lost", Phase.UNKNOWN),
    2013: ("client.lost", Phase.QUERY),
    2055: ("client.lost", Phase.QUERY),
    1153: ("client.packet-too-large", Phase.QUERY),
    2020: ("client.packet-limit", Phase.RESULT),
    1040: ("client.too-many-connections", Phase.CONNECT),
    1203: ("client.user-limit", Phase.CONNECT),
    1226: ("client.user-limit", Phase.UNKNOWN),
    1045: ("client.access-denied", Phase.CONNECT),
    1698: ("client.access-denied", Phase.CONNECT),
    1049: ("client.unknown-database", Phase.CONNECT),
    1129: ("client.host-blocked", Phase.CONNECT),
    1135: ("client.no-thread", Phase.CONNECT),
    1130: ("client.host-not-allowed", Phase.CONNECT),
    2002: ("client.refused", Phase.CONNECT),
    2003: ("client.refused", Phase.CONNECT),
    2005: ("client.name-resolution", Phase.CONNECT),
    2012: ("client.connect-lost", Phase.CONNECT),
    2026: ("client.tls", Phase.CONNECT),
    3159: ("client.tls", Phase.CONNECT),
    1053: ("client.shutdown", Phase.UNKNOWN),
    1317: ("client.query-killed", Phase.QUERY),
    3032: ("client.offline-mode", Phase.CONNECT),
    1184: ("client.init-connect", Phase.CONNECT),
    1156: ("client.out-of-order", Phase.UNKNOWN),
    2014: ("client.out-of-order", Phase.UNKNOWN),
    2027: ("client.out-of-order", Phase.UNKNOWN),
    1158: ("client.lost", Phase.UNKNOWN),
    1159: ("client.lost", Phase.UNKNOWN),
    1160: ("client.lost", Phase.UNKNOWN),
    1161: ("client.lost", Phase.RESULT),
}
_MYSQL: dict[int, tuple[str, Phase]] = {
    4031: ("client.idle-disconnect", Phase.IDLE),
    4082: ("client.memory-limit", Phase.UNKNOWN),
    3024: ("client.statement-timeout", Phase.QUERY),
}
_MARIADB: dict[int, tuple[str, Phase]] = {
    1927: ("client.killed", Phase.UNKNOWN),
    1969: ("client.statement-timeout", Phase.QUERY),
}

_BY_FLAVOR = {
    "mysql": _ANY | _MYSQL,
    "percona": _ANY | _MYSQL,
    "mariadb": _ANY | _MARIADB,
}
_UNKNOWN = _ANY | _MYSQL | _MARIADB

# Connect failures: what the operating system's error number adds to 2002 and 2003.
_CONNECT_ERRNO = {
    110: "client.connect-timeout",
    11: "client.connect-timeout",
    113: "client.unreachable",
    101: "client.unreachable",
}

# Windows sockets and macOS error numbers, as Linux's (errno(3)).
_AS_LINUX = {
    10053: 103,
    10054: 104,
    10060: 110,
    10061: 111,
    10065: 113,
    10051: 101,
    10035: 11,
    35: 11,
    54: 104,
    60: 110,
    61: 111,
    65: 113,
}


def meaning(number: int, flavor: str) -> tuple[str, Phase] | None:
    """The signal and phase of `number` in a client of this `flavor` of server; None where it
    is no matter of connections there."""
    return _BY_FLAVOR.get(flavor, _UNKNOWN).get(number)


def linux_errno(errno: int) -> int:
    """`errno` of any platform's socket call in Linux's numbers."""
    return _AS_LINUX.get(errno, errno)


def connect_signal(errno: int | None) -> str | None:
    """The signal of a failed connect with this errno, where the errno tells more."""
    return _CONNECT_ERRNO.get(errno) if errno is not None else None
