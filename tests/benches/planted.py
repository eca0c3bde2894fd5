"""Logs made to measure, with what was planted in them: counts by signature, minute and account.

The same seed writes the same bytes. Lines are those that MariaDB 10.11 and MySQL 8 write.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

END = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
DAYS = 30
POOLED = 1 / 20_000
"""Of the lines of a general log, those that connect where applications keep their connections."""

DENSE = 1 / 3
"""Of the lines of an application's log, those that fail while its database is away."""

_BATCH = 4096
"""Lines that share one drawing of lots and one write."""

USERS = ("app", "shop", "report", "cron", "batch2", "api_v1", "wp", "backup")
DATABASES = ("shop", "crm", "unconnected", "billing", "wiki2")
HOSTS = (
    *(f"10.{a}.0.{b}" for a in range(4) for b in range(1, 60)),
    "localhost", "web-1.example.net", "ip-172-31-5-9.internal",
)  # fmt: skip


@dataclass(slots=True)
class Planted:
    """What a log holds. Minutes are `YYYY-MM-DDTHH:MM` of UTC."""

    lines: int = 0
    size: int = 0
    signatures: Counter[str] = field(default_factory=Counter)
    minutes: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: Counter[tuple[str, str]] = field(default_factory=Counter)
    never_quit: set[int] = field(default_factory=set)
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Kind:
    """How often (of 100 lines) a line of this signature comes, and its text."""

    signature: str
    weight: int
    mariadb: str
    mysql: str


_ABORTED = "Aborted connection {id} to db: '{db}' user: '{user}' host: '{host}' "
ERRORS = (
    Kind("aborted-timeout", 38, "[Warning] " + _ABORTED
         + "(Got timeout reading communication packets)",
         "[Note] [MY-010914] [Server] " + _ABORTED
         + "(Got timeout reading communication packets)."),
    Kind("aborted-read-error", 26, "[Warning] " + _ABORTED
         + "(Got an error reading communication packets)",
         "[Note] [MY-010914] [Server] " + _ABORTED
         + "(Got an error reading communication packets)."),
    Kind("aborted-packet", 9, "[Warning] " + _ABORTED
         + "(Got a packet bigger than 'max_allowed_packet' bytes)",
         "[Note] [MY-010914] [Server] " + _ABORTED
         + "(Got a packet bigger than 'max_allowed_packet' bytes)."),
    Kind("access-denied", 12,
         "[Warning] Access denied for user '{user}'@'{host}' (using password: YES)",
         "[Note] [MY-010926] [Server] Access denied for user '{user}'@'{host}'"
         " (using password: YES)"),
    Kind("aborted-write-error", 5, "[Warning] " + _ABORTED
         + "(Got an error writing communication packets)",
         "[Note] [MY-010914] [Server] " + _ABORTED
         + "(Got an error writing communication packets)."),
    Kind("access-denied-no-password", 4,
         "[Warning] Access denied for user '{user}'@'{host}' (using password: NO)",
         "[Note] [MY-010926] [Server] Access denied for user '{user}'@'{host}'"
         " (using password: NO)"),
    Kind("", 6,
         "[Note] InnoDB: page_cleaner: 1000ms intended loop took {id}ms. The settings might not"
         " be optimal. (flushed=200, evicted=0)",
         "[Note] [MY-011953] [InnoDB] Page cleaner took {id}ms to flush 200 and evict 0 pages"),
)  # fmt: skip


def mariadb_stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d} {at.hour:>2}:{at:%M:%S}"


def mysql_stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06d}Z"


def error_log(path: Path, size: int, mysql: bool = False, seed: int = 1) -> Planted:
    """A dense error log: 94 lines of 100 say that a session ended or was refused."""
    lots = random.Random(seed)
    told = Planted()
    weights = [kind.weight for kind in ERRORS]
    stamp = mysql_stamp if mysql else mariadb_stamp
    texts = [k.mysql if mysql else k.mariadb for k in ERRORS]
    lines = max(1, size // (175 if mysql else 137))
    with path.open("wb") as log:
        number = 0
        for at, count in _batches(lines):
            kinds = lots.choices(range(len(ERRORS)), weights, k=count)
            users, hosts = lots.choices(USERS, k=count), lots.choices(HOSTS, k=count)
            bases = lots.choices(DATABASES, k=count)
            lines_of = zip(at, kinds, users, hosts, bases, strict=True)
            written = [
                f"{stamp(when)} {n} {texts[kind].format(id=n, db=db, user=user, host=host)}\n"
                for n, (when, kind, user, host, db) in enumerate(lines_of, number + 1)
            ]
            log.write("".join(written).encode())
            number += count
            names = [ERRORS[kind].signature for kind in kinds]
            told.signatures.update(names)
            told.minutes.update(zip([f"{w:%Y-%m-%dT%H:%M}" for w in at], names, strict=True))
            told.accounts.update(
                zip([f"'{u}'@'{h}'" for u, h in zip(users, hosts, strict=True)], names, strict=True)
            )
        told.lines, told.size = number, log.tell()
    told.signatures.pop("", None)
    for counter in (told.minutes, told.accounts):
        for key in [key for key in counter if not key[1]]:
            del counter[key]
    return told


def _batches(lines: int) -> Iterator[tuple[list[datetime], int]]:
    """Moments that rise to END, a batch at a time."""
    step = timedelta(days=DAYS) / lines
    begin = END - step * (lines - 1)
    for first in range(0, lines, _BATCH):
        count = min(_BATCH, lines - first)
        yield [begin + step * (first + i) for i in range(count)], count


def general_log(
    path: Path, size: int, mysql: bool = False, seed: int = 2, connects: float = 0.03
) -> Planted:
    """Sessions that connect (that share of the lines), ask and quit; one in 400 never quits. A
    statement of 1 MiB comes every 33 MB, and one line in 75 000 holds a text of the error log."""
    lots = random.Random(seed)
    told = Planted()
    written = 0
    identity = 0
    at = END - timedelta(days=1)
    open_ids: list[int] = []
    huge = 33 << 20
    last_second = -1
    with path.open("wb") as log:
        log.write(_HEADER)
        while written < size:
            out: list[str] = []
            for _ in range(_BATCH):
                at += timedelta(microseconds=lots.randrange(5000))
                lot = lots.random()
                if lot < connects or not open_ids:
                    identity += 1
                    open_ids.append(identity)
                    user, host = lots.choice(USERS), lots.choice(HOSTS)
                    who, command = identity, f"Connect\t{user}@{host} on shop using TCP/IP"
                elif lot < 2 * connects and len(open_ids) > 20:
                    who = open_ids.pop(lots.randrange(len(open_ids)))
                    if lots.random() < 1 / 400:
                        told.never_quit.add(who)
                        continue
                    command = "Quit\t"
                else:
                    who = lots.choice(open_ids)
                    text = lots.choice(_STATEMENTS).format(
                        n=lots.randrange(1 << 20), w=lots.choice(_NAMES), v=lots.choice(_NAMES)
                    )
                    if lots.random() < 1 / 75_000:
                        text += f" /* Threadpool has been blocked for {who} seconds */"
                        told.signatures["thread-pool-blocked"] += 1
                    command = f"Query\t{text}"
                    told.statements += 1
                if mysql:
                    head = f"{mysql_stamp(at)}\t{who:>5} "
                else:
                    second = int(at.timestamp())
                    same = second == last_second
                    head = "\t\t" if same else f"{at:%y%m%d} {at.hour:>2}:{at:%M:%S}\t"
                    last_second = second
                    head += f"{who:>6} "
                out.append(f"{head}{command}\n")
                told.lines += 1
            data = "".join(out).encode()
            written += len(data)
            if written > huge:
                huge += 33 << 20
                data += (
                    b"\t\t     1 Query\tINSERT INTO blobs VALUES ('" + b"x" * (1 << 20) + b"')\n"
                )
            log.write(data)
        told.never_quit.update(open_ids)
        told.size = log.tell()
    return told


_HEADER = (
    b"/usr/sbin/mariadbd, Version: 10.11.19-MariaDB-0+deb12u1-log (Debian 12). started with:\n"
    b"Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\n"
    b"Time\t\t    Id Command\tArgument\n"
)
_NAMES = tuple(
    f"{a}{b}" for a in ("anna", "ben", "carla", "dmitri", "eve") for b in ("@x.org", "-7", " Q")
)
_STATEMENTS = (
    "SELECT id, name, price FROM products WHERE category_id = {n} AND active = 1 ORDER BY name"
    " LIMIT 20",
    "SELECT COUNT(*) FROM orders WHERE customer_id = {n} AND state IN ('new', 'paid', 'sent')",
    "UPDATE carts SET updated_at = NOW(), total = {n}.50 WHERE session = '{w}-{n}'",
    "INSERT INTO events (kind, who, detail) VALUES ('view', '{w}', 'product {n} from {v}')",
    "SELECT u.id, u.email, p.phone FROM users u JOIN profiles p ON p.user_id = u.id WHERE"
    " u.email = '{w}' AND p.country = 'CZ'",
    "COMMIT",
    "SET NAMES utf8mb4",
)


def slow_log(path: Path, size: int, mysql: bool = False, seed: int = 3) -> Planted:
    """Slow statements of seven shapes, each with its numbers."""
    lots = random.Random(seed)
    told = Planted()
    at = END - timedelta(days=DAYS)
    identity = 0
    with path.open("wb") as log:
        log.write(_HEADER)
        while log.tell() < size:
            out: list[str] = []
            for _ in range(1024):
                identity += 1
                at += timedelta(seconds=lots.randrange(3))
                user, host = lots.choice(USERS), lots.choice(HOSTS)
                text = lots.choice(_STATEMENTS[:5]).format(
                    n=lots.randrange(1 << 20), w=lots.choice(_NAMES), v=lots.choice(_NAMES)
                )
                took = lots.randrange(1, 90_000_000) / 1e6
                epoch = int(at.timestamp())
                if mysql:
                    out.append(
                        f"# Time: {mysql_stamp(at)}\n# User@Host: {user}[{user}] @  [{host}]  Id: "
                        f"{identity:>5}\n# Query_time: {took:.6f}  Lock_time: 0.000010 Rows_sent: 1"
                        f"  Rows_examined: {identity}\nSET timestamp={epoch};\n{text};\n"
                    )
                else:
                    out.append(
                        f"# Time: {at:%y%m%d} {at.hour:>2}:{at:%M:%S}\n# User@Host: {user}[{user}]"
                        f" @  [{host}]\n# Thread_id: {identity}  Schema: shop  QC_hit: No\n"
                        f"# Query_time: {took:.6f}  Lock_time: 0.000010  Rows_sent: 1  "
                        f"Rows_examined: {identity}\n# Rows_affected: 0  Bytes_sent: 68\n"
                        f"SET timestamp={epoch};\n{text};\n"
                    )
                told.statements += 1
            log.write("".join(out).encode())
        told.size = log.tell()
    return told


APPLICATION_ERRORS = (
    "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away",
    "pymysql.err.OperationalError: (2013, 'Lost connection to MySQL server during query')",
)


def application_log(path: Path, size: int, seed: int = 4, failing: float = 1 / 2000) -> Planted:
    """An application's log: that share of the lines tells of a lost connection."""
    lots = random.Random(seed)
    told = Planted()
    lines = max(1, size // 118)
    with path.open("wb") as log:
        for at, count in _batches(lines):
            out: list[str] = []
            for when in at[:count]:
                told.lines += 1
                stamp = f"{when:%Y-%m-%d %H:%M:%S},{when.microsecond // 1000:03d}+00:00"
                if lots.random() < failing:
                    job = (
                        f"[exec-{told.lines % 97}] order {told.lines}: " if failing == DENSE else ""
                    )
                    out.append(f"{stamp} ERROR shop.db {job}{lots.choice(APPLICATION_ERRORS)}\n")
                    told.signatures["failure"] += 1
                else:
                    out.append(
                        f"{stamp} INFO shop.web GET /product/{told.lines} 200 in "
                        f"{lots.randrange(900)} ms for {lots.choice(_NAMES)} from "
                        f"{lots.choice(HOSTS)}\n"
                    )
            log.write("".join(out).encode())
        told.size = log.tell()
    return told


WRITERS: dict[str, Callable[[Path, int], Planted]] = {
    "error, MariaDB": lambda path, size: error_log(path, size),
    "error, MySQL 8": lambda path, size: error_log(path, size, mysql=True),
    "general, MariaDB": lambda path, size: general_log(path, size),
    "general, MySQL 8": lambda path, size: general_log(path, size, mysql=True),
    "general, pooled": lambda path, size: general_log(path, size, connects=POOLED),
    "slow, MariaDB": lambda path, size: slow_log(path, size),
    "slow, MySQL 8": lambda path, size: slow_log(path, size, mysql=True),
    "application": application_log,
    "application, dense": lambda path, size: application_log(path, size, failing=DENSE),
}
