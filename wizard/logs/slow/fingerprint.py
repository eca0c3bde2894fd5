"""The shape of a statement: its literals taken out, so that like statements make one group. Pure.

The rules are those of pt-query-digest (Percona Toolkit, QueryRewriter.pm, fingerprint), so that
the same log gives the same groups.
"""

import re
from functools import lru_cache

_MYSQLDUMP = re.compile(r"\ASELECT /\*!40001 SQL_NO_CACHE \*/ \* FROM `")
_CHECKSUM = re.compile(r"/\*\w+\.\w+:[0-9]/[0-9]\*/")
_ADMIN = re.compile(r"\Aadministrator command: ")
_CALL = re.compile(r"\A\s*(call\s+\S+)\(", re.I)
_LONG_INSERT = re.compile(r"\A((?:INSERT|REPLACE)(?: IGNORE)?\s+INTO.+?VALUES\s*\(.*?\))\s*,\s*\(",
                          re.I | re.S)  # fmt: skip
_LINE_COMMENT = re.compile(r"(?:--|#)[^'\"\r\n]*(?=[\r\n]|\Z)")
_BLOCK_COMMENT = re.compile(r"/\*[^!].*?\*/", re.S)
_USE = re.compile(r"\Ause \S+\Z", re.I)
_ESCAPED = re.compile(r"\\[\"']")
_DOUBLE = re.compile(r'".*?"', re.S)
_SINGLE = re.compile(r"'.*?'", re.S)
_BOOLEAN = re.compile(r"\bfalse\b|\btrue\b", re.I)
_NUMBER = re.compile(r"[0-9+-][0-9a-f.xb+-]*")
_CUT_NUMBER = re.compile(r"[xb.+-]\?")
_SPACES = re.compile(r"[ \n\t\r\f]+")
_NULL = re.compile(r"\bnull\b")
_LIST = re.compile(r"\b(in|values?)(?:[\s,]*\([\s?,]*\))+")
_UNION = re.compile(r"\b(select\s.*?)(?:(\sunion(?:\sall)?)\s\1)+", re.S)
_LIMIT = re.compile(r"\blimit \?(?:, ?\?| offset \?)?")
_ORDER = re.compile(r"\border by ")
_LONGEST = 20_000
"""Characters of a statement that are looked at."""

_PARTING = (b'"', b"\\", b"--", b"#", b"/*")
_LISTED = re.compile(rb"\)\s*,\s*\(")
_NAMED = re.compile(rb"\s*(?:use\s|call\s|administrator command: )", re.I)
"""What decides where a text in quotes begins, what is left out, and where a statement is cut."""

_DIGITS = re.compile(r"[0-9]+")
_OWN_NAME = re.compile(r"\s*(?:call\s|administrator command: |SELECT /\*!)", re.I)


def is_shared(statement: str) -> bool:
    """Whether statements that differ from this one in digits alone have its fingerprint."""
    return _OWN_NAME.match(statement) is None


def without_quoted(statement: bytes) -> bytes:
    """A statement with zeros for its digits, and a mark for each text in single quotes.

    Statements that agree in it have one fingerprint. It is empty where that is not sure.
    """
    if statement.count(b"'") % 2 or any(map(statement.__contains__, _PARTING)):
        return b""
    if len(statement) > _LONGEST or _LISTED.search(statement) or _NAMED.match(statement):
        return b""
    return b"'".join(statement.split(b"'")[::2])


def fingerprint(statement: str) -> str:
    text = statement[:_LONGEST]
    if _MYSQLDUMP.match(text):
        return "mysqldump"
    if _CHECKSUM.search(text):
        return "percona-toolkit"
    if _ADMIN.match(text):
        return text
    if called := _CALL.match(text):
        return called[1].lower()
    if many := _LONG_INSERT.match(text):
        text = many[1]
    text = _BLOCK_COMMENT.sub("", _LINE_COMMENT.sub("", text))
    if _USE.match(text.strip()):
        return "use ?"
    text = _SINGLE.sub("?", _DOUBLE.sub("?", _ESCAPED.sub("", text)))
    return _shape(_DIGITS.sub("0", text))


@lru_cache(maxsize=4096)
def _shape(text: str) -> str:
    """Of a statement without strings, in which one digit stands for many."""
    text = _NUMBER.sub("?", _BOOLEAN.sub("?", text))
    text = _SPACES.sub(" ", _CUT_NUMBER.sub("?", text).strip()).lower()
    text = _LIST.sub(r"\1(?+)", _NULL.sub("?", text))
    text = _UNION.sub(r"\1 /*repeat\2*/", text)
    text = _LIMIT.sub("limit ?", text)
    return _without_asc(text)


def _without_asc(text: str) -> str:
    """ASC is the default of ORDER BY."""
    found = _ORDER.search(text)
    if found is None:
        return text
    return text[: found.end()] + re.sub(r"(.)\s+asc\b", r"\1", text[found.end() :])
