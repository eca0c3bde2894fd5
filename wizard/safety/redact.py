"""Masks what must not leave: passwords everywhere, and the literals of SQL in excerpts.

Three gates, each with a count of what it masked: `mask_secrets` for text that is ours apart
from a name or two, `mask_sentence` for a sentence that may quote a statement, `mask_excerpt`
for raw lines of logs. On doubt they mask: an unreadable rest of a statement goes whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from wizard.safety.redact_sql import MASK, find_quoted_statement, find_statement, mask_statement
from wizard.safety.secret_shapes import (
    CREDENTIAL,
    CREDENTIALS,
    OF_PAIR,
    OPENED,
    OPENED_PAIR,
    PATTERNS,
)
from wizard.safety.secret_words import ANY_KEY, HARMLESS, KEYS


@dataclass(frozen=True, slots=True)
class Masked:
    """The text that may be shown, and how many values were masked in it."""

    text: str
    count: int


# Bound values that drivers and frameworks print beside a statement.
_BOUND = re.compile(
    r"(?is)(?P<keep>[\[({,;\s]\\*[\"']?(?:parameters|params|bindings|bound values|binds)\\*[\"']?"
    r"\s*(?::|=|=>|\[|\()|\bwith (?:params|parameters)\b|\bbinding parameter\b)(?P<mask>.+)"
)

_COMMENT = re.compile(r"(?s)/\*(?!\?\*/).*?(?:\*/|\Z)")
"""Comments of statements carry what frameworks put there (sqlcommenter): an e-mail address."""

_PROSE_QUOTE = re.compile(
    r"(?s)(?<![\w\\])(?P<q>\\*[\"'])(?P<body>(?:(?!(?P=q))(?:\\(?:.|\Z)|[^\\]))*)(?P<end>(?P=q)|\Z)"
)
# Quoted texts of log lines that name things, and that a reader needs: an account or its parts,
# a path, a time, an option.
_NAMED = re.compile(
    r"(?i)(?:\b(?:user|utilisateur|benutzer|host|h[oô]te|db|bd|database|datenbank|real ip|server"
    r"|server on|on|address|variable|socket|socket file|through socket|file|plugin|table|tablespace"
    r"|period of|for user|than|connection id|key|field|command)\s*[:=]?\s*|@)\Z"
)
_PLAIN = re.compile(
    r"(?:[./][\w./#-]*|\d{4}-\d\d-\d\d[T ][\d:.+Z-]*|\d{1,3}(?:\.\d{1,3}){3}"
    r"|Broken pipe|Connection reset by peer|Connection refused|Connection timed out"
    r"|(?:[a-z]+_)+(?:timeout|packet|connections|errors|connect|size|limit|length|resolve|log))\Z"
)
_NAME = re.compile(r"[\w.%:/$#-]{0,80}\Z")
# The messages of servers and drivers about a lost connection, as they are quoted: the very
# thing that a reader looks for. What is quoted inside them is judged by itself. An error's name is
# a whole word: parts of it could be taken in every combination.
_MESSAGE = re.compile(
    r"(?i)(?:SQLSTATE\[\w+\]:?\s*|\[\d+\]\s*|General error:\s*|\w*Error\b:?\s*"
    r"|ERROR \d+ \(\w+\):?\s*|\(?\d{4}\b[,:]?\s*)*"
    r"(?:(?:The )?MySQL server has gone away|Lost connection to|Can.?t connect to|Got (?:a |an )?"
    r"(?:packet|timeout|error)|Packets? (?:for query|sequence|out of order)|Server shutdown"
    r"|Connection (?:was killed|reset|refused|timed out|lost|closed)|Too many connections"
    r"|Access denied for user|The client was disconnected|Query execution was interrupted"
    r"|Communications? link|Unknown MySQL server host|Host '|User '|MySQL Connection not"
    r"|Broken pipe|SSL connection|Commands out of sync|The last packet|server closed the connection"
    r"|No connection|WSREP has not|read ETIMEDOUT|connect E[A-Z]+|timed? ?out\b)"
)


def mask_secrets(text: str) -> Masked:
    """`text` without passwords, tokens and their hashes. Other literals stay."""
    count = 0
    kept: list[str] = []

    def spare(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\x00{len(kept) - 1}\x00"

    def hide(match: re.Match[str]) -> str:
        nonlocal count
        if (match["mask"] or "").strip("\"'\\() ") in (MASK, ""):
            return match[0]
        count += 1
        return match["keep"] + _quoted_mask(match["mask"])

    out = HARMLESS.sub(spare, text.replace("\x00", ""))
    out, count = _mask_credentials(out)
    lower = out.lower()
    has_key = any(word in lower for word in KEYS) and ANY_KEY.search(out) is not None
    for words, pattern in PATTERNS:
        if has_key if words is KEYS else any(word in lower for word in words):
            out = pattern.sub(hide, out)
    for index, original in enumerate(kept):
        out = out.replace(f"\x00{index}\x00", original)
    return Masked(out, count)


def mask_sentence(text: str) -> Masked:
    """`text` without secrets, and without the literals of a statement that it quotes."""
    return _masked(text, find_quoted_statement, lambda prose: Masked(prose, 0))


def mask_excerpt(text: str) -> Masked:
    """A raw line or statement without secrets and literals.

    What is quoted outside of SQL stays only where it names an account, a path, a time or a setting.
    """
    return _masked(text, find_statement, _mask_prose)


def mask_lines(text: str) -> str:
    """Each line of a text that mixes our words with what others wrote, as `mask_excerpt`.

    A secret that stands on the line after its name goes too.
    """
    before, out = "", []
    for line in text.split("\n"):
        out.append(_after(before, line) or mask_excerpt(line).text)
        before = line
    return "\n".join(out)


def _after(before: str, line: str) -> str:
    """`line` masked where `before` names what it holds; "" where it does not."""
    if OPENED.search(before):
        return line[: len(line) - len(line.lstrip())] + MASK
    pair = OF_PAIR.match(line)
    return pair[0] + MASK if pair and OPENED_PAIR.search(before) else ""


def _mask_credentials(text: str) -> tuple[str, int]:
    found = CREDENTIALS.search(text)
    if found is None:
        return text, 0
    count = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal count
        if match["account"]:
            return match[0]
        before = match["keep"] or match["open"] or ""
        value = match["mask"] or match["text"] or match["bare"]
        shown = _quoted_mask(value)
        count += shown != value
        return before + shown

    return text[: found.start()] + CREDENTIAL.sub(hide, text[found.start() :]), count


def _quoted_mask(value: str) -> str:
    """`?` in the quotes of the value that it stands for."""
    quote = re.match(r"\\*[\"']", value)
    around = quote[0] if quote else ""
    return f"{around}{MASK}{around}"


def _masked(text: str, find: Callable[[str], int], prose: Callable[[str], Masked]) -> Masked:
    secrets = mask_secrets(text)
    start = find(secrets.text)
    before, statement = secrets.text[:start], secrets.text[start:]
    told = _mask_bound(before)
    sql, literals = mask_statement(statement) if statement else ("", 0)
    rest = prose(told.text)
    return Masked(rest.text + sql, secrets.count + told.count + rest.count + literals)


def _mask_bound(text: str) -> Masked:
    out, count = _BOUND.subn(lambda m: f"{m['keep']} {MASK}", text)
    return Masked(out, count)


def _mask_prose(text: str) -> Masked:
    count = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal count
        body, before = match["body"], text[: match.start()]
        if body in ("", MASK) or _may_stay(match, before, text):
            return match[0]
        if match["end"] and _MESSAGE.match(body):
            inner = _mask_prose(body)
            count += inner.count
            return f"{match['q']}{inner.text}{match['end']}"
        count += 1
        return f"{match['q']}{MASK}{match['end']}"

    text, comments = _COMMENT.subn("/*?*/", text)
    return Masked(_PROSE_QUOTE.sub(hide, text), count + comments)


def _may_stay(match: re.Match[str], before: str, text: str) -> bool:
    """Whether the quoted text names something harmless, by its place or its shape."""
    body = match["body"]
    if not match["end"]:
        return False
    if _PLAIN.match(body):
        return True
    if text[match.end() : match.end() + 1] in ("@", ":") and _NAME.match(body):
        return True
    return bool(_NAMED.search(before[-40:]) and _NAME.match(body))
