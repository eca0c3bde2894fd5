"""What a client's error number means, where its text does not say.

MySQL and MariaDB give some numbers a different meaning: MariaDB's 4031 is about triggers and
its 4082 about row variables; 1927 and 1969 exist in MariaDB only. 1047 is "Unknown command"
except in a Galera cluster, where only its text tells. (MySQL Error Message Reference; MariaDB
Error Codes.)
"""

import re

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
    1044: ("client.access-denied", Phase.CONNECT),
    1820: ("client.access-denied", Phase.CONNECT),
    1862: ("client.access-denied", Phase.CONNECT),
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
    2014: ("client.out-of-sync", Phase.QUERY),
    2027: ("client.out-of-order", Phase.UNKNOWN),
    1158: ("client.lost", Phase.UNKNOWN),
    1159: ("client.lost", Phase.UNKNOWN),
    1160: ("client.lost", Phase.UNKNOWN),
    1161: ("client.lost", Phase.RESULT),
    1034: ("client.table-damaged", Phase.QUERY),
    1035: ("client.table-damaged", Phase.QUERY),
    1194: ("client.table-damaged", Phase.QUERY),
    1195: ("client.table-damaged", Phase.QUERY),
    1712: ("client.table-damaged", Phase.QUERY),
    2048: ("client.closed-object", Phase.UNKNOWN),
    2054: ("client.auth-plugin", Phase.CONNECT),
    2059: ("client.auth-plugin", Phase.CONNECT),
    2061: ("client.auth-plugin", Phase.CONNECT),
    1251: ("client.auth-plugin", Phase.CONNECT),
    # MariaDB Connector/C's own (errmsg.h: CR_ERR_NET_READ, CR_ERR_NET_WRITE).
    5013: ("client.lost", Phase.RESULT),
    5014: ("client.lost", Phase.QUERY),
    # ProxySQL's own (proxysql_structs.h: PROXYSQL_MYSQL_ERR). 9003 is about a command, and of
    # 9006 only the text tells: to a client it means a session bound to one hostgroup.
    9001: ("client.refused", Phase.CONNECT),
    9002: ("client.refused", Phase.CONNECT),
    9004: ("client.lost", Phase.QUERY),
    9005: ("client.lost", Phase.QUERY),
    9007: ("client.lost", Phase.UNKNOWN),
    # Azure's, where only accounts of its directory may log in (aad_auth_only).
    9107: ("client.access-denied", Phase.CONNECT),
    # MariaDB's Node.js connector (lib/misc/errors.js).
    45001: ("client.closed-object", Phase.UNKNOWN),
    45004: ("client.closed-object", Phase.UNKNOWN),
    45009: ("client.lost", Phase.UNKNOWN),
    45012: ("client.connect-timeout", Phase.CONNECT),
    45013: ("client.closed-object", Phase.UNKNOWN),
    45019: ("client.lost", Phase.UNKNOWN),
    45023: ("client.tls", Phase.CONNECT),
    45026: ("client.read-timeout", Phase.QUERY),
    45027: ("client.closed-object", Phase.UNKNOWN),
    45028: ("client.pool-timeout", Phase.CONNECT),
    45042: ("client.read-timeout", Phase.UNKNOWN),
    45046: ("client.packet-too-large", Phase.QUERY),
    45059: ("client.tls", Phase.CONNECT),
    45061: ("client.pool-timeout", Phase.CONNECT),
}
_MYSQL: dict[int, tuple[str, Phase]] = {
    4031: ("client.idle-disconnect", Phase.IDLE),
    4082: ("client.memory-limit", Phase.UNKNOWN),
    3024: ("client.statement-timeout", Phase.QUERY),
    3118: ("client.access-denied", Phase.CONNECT),
    3955: ("client.access-denied", Phase.CONNECT),
}
_MARIADB: dict[int, tuple[str, Phase]] = {
    1927: ("client.killed", Phase.UNKNOWN),
    1969: ("client.statement-timeout", Phase.QUERY),
    4151: ("client.access-denied", Phase.CONNECT),
}

_BY_FLAVOR = {
    "mysql": {**_ANY, **_MYSQL},
    "percona": {**_ANY, **_MYSQL},
    "mariadb": {**_ANY, **_MARIADB},
}
_UNKNOWN = {**_ANY, **_MYSQL, **_MARIADB}

# Connect failures: what the operating system's error number adds to 2002 and 2003.
_CONNECT_ERRNO = {
    110: "client.connect-timeout",
    11: "client.connect-timeout",
    # EINTR: MySQL's own library, up to 5.5, told so of a connect that took too long.
    4: "client.connect-timeout",
    113: "client.unreachable",
    101: "client.unreachable",
}


def meaning(number: int, flavor: str) -> tuple[str, Phase] | None:
    """The signal and phase of `number` in a client of this `flavor` of server; None where it
    is no matter of connections there."""
    return _BY_FLAVOR.get(flavor, _UNKNOWN).get(number)


def known_numbers() -> frozenset[int]:
    """All numbers that mean something, whatever the flavour."""
    return frozenset(_UNKNOWN)


def connect_signal(errno: int | None) -> str | None:
    """The signal of a failed connect with this errno, where the errno tells more."""
    return _CONNECT_ERRNO.get(errno) if errno is not None else None


# Where a library, a framework or a program puts the number.
_FRAMED = re.compile(
    r"\((?P<tuple>\d{4}), ?[\"']|\bERROR (?P<cli>\d{4}) \(|SQLSTATE\[\w{5}\]:? ?\[(?P<pdo>\d{4})\]"
    r"|SQLSTATE\[\w{5}\]: [A-Za-z ]{5,40}: (?P<general>\d{4})\b|\b(?P<connector>\d{4}) \(\w{5}\): "
    r"|Error: (?P<connector2>\d{4}): |\((?:HY000|\d\dS?\d{2,3})/(?P<mysqli>\d{4})\)"
    r"|\bError:? (?:Code: )?(?P<other>\d{4})\b|\berrno\]?: (?P<errno>\d{4,5})\b"
    r"|rror: (?P<dotnet>[12]\d{3}): |, no: (?P<node>\d{4,5}), SQLState|Code: `(?P<prisma>\d{4,5})`"
    r"|\bERROR \w{5} \((?P<rust>\d{4})\)|\[Z300\d\] [^\n\[]{0,120}\[(?P<zabbix>\d{4})\]"
    r"|SQL Error(?:: | \[)(?P<jdbc>\d{4})\b|\(MyXQL\.Error\) \((?P<myxql>\d{4})\)"
    r"|Error: (?P<mariadb>\d{4})-\w{5}: |\berror_code: (?:MY-00)?(?P<log>\d{4})\b",
)
# Looser frames, in which only a number that means something here counts.
_LOOSE = re.compile(
    r"[(\[](?P<a>\d{4,5})[)\]](?=:?\s|$)|(?<![\w.])(?P<b>\d{4,5})[,:]? (?:nil\b|(?-i:[A-Z]))"
    r"|\bcode[:=]? ?['\"]?(?P<c>\d{4,5})\b|\[\w{5}\]\s?\[(?P<d>\d{4})\]"
    r"|#(?P<e>\d{4}) - |: (?P<f>\d{4}) nil\b",
    re.IGNORECASE,
)


def number_in(line: str) -> int | None:
    """The error number that `line` tells, in any library's frame."""
    found = _FRAMED.search(line)
    if found is not None:
        return int(next(g for g in found.groups() if g is not None))
    for loose in _LOOSE.finditer(line):
        number = int(next(g for g in loose.groups() if g is not None))
        if number in _UNKNOWN:
            return number
    return None
