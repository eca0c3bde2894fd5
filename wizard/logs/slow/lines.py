"""Entries of a slow log: MariaDB's, MySQL's (5.7 to 9, with log_slow_extra), Percona's, TiDB's.

All write `#` lines of `Name: value` pairs, then `SET timestamp`, then the statement over as many
lines as it takes (The Slow Query Log; MariaDB, "Slow Query Log Extended Statistics"). Pure.

A block is taken apart by one expression: a log of many gigabytes is read at its speed.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from operator import itemgetter

from wizard.logs.slow.entry import SlowEntry
from wizard.safety.sanitize import sanitize

KEPT = 1 << 14
"""Bytes of a statement that are kept."""

_LARGE = 1 << 20
_END = 1 << 12
"""An entry larger than `_LARGE` loses its middle; so many bytes of its end stay."""


Row = tuple[bytes, ...]
"""The parts of an entry as they stand in the log; one that it does not tell is empty."""

LOGGED, HEAD, WHO, SECONDS, LOCKED, SENT, EXAMINED, BYTES, BEGAN, TEXT = range(10)
"""What stands where in a Row. `HEAD` is all before the statement; `BEGAN` counts seconds since
1970."""

NAMED = rb"[^\[\n]{0,100}\[[^\]\n]{0,100}\] @ [^\[\n]{0,260}\[[^\]\n]{0,64}\]"
_BEGINS = rb"# (?:Time|User@Host): "
_OTHER = rb"#(?! (?:Query_time|User@Host|Time|administrator command): )[^\n]*\n|[ \t\r]*\n"
_TIMED = rb"# Time: ([^\n]*)\n(?:# (?!Time: |Query_time: )\w+: [^\n]*\n){0,20}"
"""TiDB writes `# Txn_start_ts: ` between the time and the user."""

_ENTRY = re.compile(
    rb"^(?:" + _TIMED + rb")?"
    rb"(# User@Host: (" + NAMED + rb")[^\n]*\n"
    rb"(?:" + _OTHER + rb"){0,2000}"
    rb"# Query_time: (\d{1,9}(?:\.\d*)?)(?: +Lock_time: (\d{1,9}(?:\.\d*)?))?"
    rb"(?: +Rows_sent: (\d{1,18}))?(?: +Rows_examined: (\d{1,18}))?"
    rb"(?:(?: |\n# )+(?!Bytes_sent: |Time: )\w+: ?[^ \n]*){0,500}"
    rb"(?:(?: |\n# )+Bytes_sent: (\d{1,18}))?[^\n]*\n"
    rb"(?:" + _OTHER + rb"){0,2000}"
    rb"(?:use [^;\n]{1,130};[ \t\r]*\n)?"
    rb"(?:SET (?:\w{1,30}=[^;,\n]{0,40},){0,3}timestamp=(\d{1,10}(?:\.\d{1,6})?);[ \t\r]*"
    rb"(?:\n|\Z))?"
    rb")((?!" + _BEGINS + rb")(?:[^\n]*\n(?!" + _BEGINS + rb")){0,16384}[^\n]*\n?)?",
    re.MULTILINE,
)
"""Its groups are the parts of a Row.

Behind `Query_time` nothing can fail where a line ends with a newline, so nothing is tried twice;
what repeats is bounded for memory's sake (so many lines of a statement are its KEPT bytes). It has
no possessive repeats, which Pythons before 3.11 do not know.
"""

_SECONDS = rb"(\d{1,9}\.\d{6})"
_USUAL = re.compile(
    rb"^(?:# Time: ([^\n]*)\n|)"
    rb"(# User@Host: (" + NAMED + rb")[^\n]*\n"
    rb"(?:# (?:Thread_id|Schema): [^\n]*\n|)"
    rb"# Query_time: " + _SECONDS + rb"  Lock_time: " + _SECONDS + rb" +"
    rb"Rows_sent: (\d{1,18})  Rows_examined: (\d{1,18})"
    rb"(?:(?:\n# Rows_affected: \d+ |  Rows_affected: \d+\n#"
    rb"| Thread_id: \d+ Errno: \d+ Killed: \d+ Bytes_received: \d+) Bytes_sent: (\d{1,18})[^\n]*"
    rb"(?:\n# (?:Tmp_|Full_|Filesort|InnoDB_|Pages_|explain: )[^\n]*){0,2000}|)\n"
    rb"(?:use \w{1,64};\n|)"
    rb"SET timestamp=(\d{1,10}(?:\.\d{1,6})?);\n"
    rb")((?!" + _BEGINS + rb")[^\n]*\n"
    rb"(?:(?=" + _BEGINS + rb")|(?:(?!" + _BEGINS + rb")[^\n]*\n){0,16384}))",
    re.MULTILINE,
)
"""The forms of an entry that most logs have throughout, which is found in half the time.

What it finds _ENTRY would find too, with the same groups, as long as the last line has its end.
`(?:x|)` is `(?:x)?`, tried quicker.
"""

_WHO = re.compile(rb"([^\[]*)\[[^\]]*\] @ ([^\[]*?) ?\[([^\]]*)\]")
_PAIR = re.compile(rb"(\w+): ?([^\s:]*(?::\d[^\s]*)?)")
_ID = re.compile(rb"\bId: *(\d{1,19})")
_EXPLAINED = re.compile(rb"^# explain:[^\n]*\n", re.MULTILINE)
_SCHEMA = re.compile(rb"^# (?:Thread_id: \d+ +)?(?:Schema|DB): ([^\n]*?)(?=  \w+: |[ \r]*$)", re.M)
"""It may have blanks in it; two of them and a name end it."""

_BEFORE_USER = re.compile(_TIMED)
_REACH = 4096
_USED = re.compile(rb"^use ([^;\n]{1,130});", re.MULTILINE)
_BANNER = re.compile(
    rb"^\S[^\n]{0,400}, Version: [^\n]{1,400} started with:[ \t\r]*$", re.MULTILINE
)
_USER = b"\n# User@Host: "
BANNER = b" started with:"

_TOO_FINE = re.compile(r"(?<=\.\d{6})\d+")
"""Digits of nanoseconds, which Pythons before 3.11 do not read."""

NOT_TRIED = 16
"""Blocks that are taken for unusual after one that is."""


def entries(chunks: Iterable[bytes], zone: tzinfo = UTC) -> Iterator[SlowEntry]:
    """`zone` is the server's, for old times without one."""
    for rows in blocks_of_rows(chunks, zone):
        yield from map(entry_of, rows)


def blocks_of_rows(chunks: Iterable[bytes], zone: tzinfo = UTC) -> Iterator[list[Row]]:
    """However the log is cut into chunks, the rows are the same."""
    find = RowFinder(zone)
    return map(find.rows, whole_entries(chunks))


def whole_entries(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The log in blocks of which each ends where an entry does."""
    rest = b"\n"
    for chunk in chunks:
        data = rest + chunk
        end = _last_entry(data)
        rest = _without_middle(data[end:])
        if end:
            yield data[:end]
    yield _with_whole_lines(rest)


def _last_entry(data: bytes) -> int:
    """Where the last entry begins, which may yet go on; 0 if there is no other before it."""
    user = data.rfind(_USER)
    if user < 0:
        return 0
    time = data.rfind(b"\n# Time: ", max(0, user - _REACH), user) + 1
    return time if _BEFORE_USER.fullmatch(data, time, user + 1) else user + 1


def _without_middle(rest: bytes) -> bytes:
    """The full stop keeps the two parts from making a line that was none."""
    if len(rest) <= _LARGE:
        return rest
    return rest[: 4 * KEPT] + b"." + rest[-_END:]


def _with_whole_lines(rest: bytes) -> bytes:
    """The end of a log that may be written just now: a time that is cut is none."""
    last = rest.rfind(b"\n") + 1
    return rest[:last] if rest.startswith(b"# Query_time: ", last) else rest + b"\n"


class RowFinder:
    """Finds the rows of whole entries, block by block. Where some are unusual, so are those that
    follow."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._unusual = 0
        self.logged = b""
        """The time that was written last."""

    def rows(self, data: bytes) -> list[Row]:
        rows = self._found(data)
        self.logged = _complete(rows, self.logged, self._zone)
        return rows

    def _found(self, data: bytes) -> list[Row]:
        if BANNER in data:
            return [row for part in _BANNER.split(data) for row in _ENTRY.findall(part)]
        if self._unusual:
            self._unusual -= 1
        elif data.endswith(b"\n"):
            rows = _USUAL.findall(data)
            # An entry has one line of its user.
            if len(rows) == data.count(_USER) + data.startswith(_USER[1:]):
                return rows
            self._unusual = NOT_TRIED
        return _ENTRY.findall(data)


def row_of(entry: bytes) -> Row:
    """The parts of one entry of the usual form."""
    row: Row = _ENTRY.findall(entry)[0]
    return row


def _complete(rows: list[Row], logged: bytes, zone: tzinfo) -> bytes:
    """Gives entries without a timestamp the time at which they were written, less their own.

    MariaDB writes that time once a second; the answer is the last one.
    """
    if not all(map(itemgetter(BEGAN), rows)):
        told = logged
        for number, row in enumerate(rows):
            told = row[LOGGED] or told
            if not row[BEGAN]:
                began = _moment(told.strip(), float(row[SECONDS]), zone)
                rows[number] = (*row[:BEGAN], began, *row[BEGAN + 1 :])
    return next((row[LOGGED] for row in reversed(rows) if row[LOGGED]), logged)


def _moment(logged: bytes, seconds: float, zone: tzinfo) -> bytes:
    text = logged.decode("ascii", "replace")
    try:
        if "T" in text:
            at = datetime.fromisoformat(_TOO_FINE.sub("", text))
        else:
            parsed = datetime.strptime(text.replace("  ", " 0"), "%y%m%d %H:%M:%S")
            at = parsed.replace(tzinfo=zone)
        return b"%.6f" % max(0.0, at.timestamp() - seconds)
    except (ValueError, OverflowError, OSError):
        return b""


def entry_of(row: Row) -> SlowEntry:
    return entry_with(row, statement(row[TEXT]).decode("utf-8", "replace"))


def entry_with(row: Row, text: str) -> SlowEntry:
    """`text` stands for its statement."""
    pairs = dict(_PAIR.findall(_EXPLAINED.sub(b"", row[HEAD])))
    user, host = who(row[WHO])
    used, schema = _USED.search(row[HEAD]), _SCHEMA.search(row[HEAD])
    number = _ID.search(row[HEAD], 0, row[HEAD].find(b"\n"))
    return SlowEntry(
        when(row[BEGAN]),
        float(row[SECONDS]),
        user,
        host,
        _whole(number[1] if number else pairs.get(b"Thread_id") or pairs.get(b"Conn_ID")),
        _shown(schema[1] if schema and schema[1] else used[1] if used else b""),
        text,
        float(row[LOCKED] or 0),
        _whole(row[SENT]),
        _whole(row[EXAMINED]),
        _whole(pairs.get(b"Rows_affected")),
        _whole(row[BYTES]),
        _whole(pairs.get(b"Bytes_received")),
        _whole(pairs.get(b"Errno") or pairs.get(b"Last_errno")),
        _whole(pairs.get(b"Killed")),
    )


def statement(text: bytes) -> bytes:
    """The statement of a row, without what ends it."""
    return text[:KEPT].rstrip().removeprefix(b"# ").removesuffix(b";")


@lru_cache(maxsize=4096)
def who(told: bytes) -> tuple[str, str]:
    """User and host of `user[priv] @ host [address]`."""
    found = _WHO.match(told)
    return (_shown(found[1]), _shown(found[2].strip() or found[3])) if found else ("", "")


def when(began: bytes) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(began), UTC) if began else None
    except (ValueError, OverflowError, OSError):
        return None


@lru_cache(maxsize=256)
def _shown(text: bytes) -> str:
    return sanitize(text.decode("utf-8", "replace").strip())


def _whole(text: bytes | None) -> int | None:
    return int(text) if text and text.isdigit() and len(text) < 20 else None
