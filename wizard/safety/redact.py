"""Masks what must not leave: passwords everywhere, and the literals of SQL in excerpts.

Three gates, each with a count of what it masked: `mask_secrets` for text that is ours apart
from a name or two, `mask_sentence` for a sentence that may quote a statement, `mask_excerpt`
for raw lines of logs. On doubt they mask: an unreadable rest of a statement goes whole.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from wizard.safety.find_sql import find_quoted_statement, find_statement
from wizard.safety.redact_prose import mask_prose
from wizard.safety.redact_sql import MASK, mask_statement
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
    r"(?is)(?P<keep>[\[({,;\s]\\*[\"']?(?:parameters|params|paramvalues"
    r"|bindings|bound values|binds)\\*[\"']?"
    r"\s*(?::|=|=>|\[|\()|\bwith (?:params|parameters)\b|\bbinding parameter\b)(?P<mask>.+)"
)

# The error, where it stands behind the statement: it is what a reader looks for.
_TOLD_AFTER = re.compile(
    r"(?:(?<=[\"'?;])[)\]]*:\s+(?=SQLSTATE\[\w{5}\]:? |Can't reconnect until invalid"
    r"|Lost connection to (?:MySQL )?server|(?:MySQL )?server has gone away"
    r"|\([\w.]{1,80}(?:Error|Exception)\) \(\d{4}, ['\"])"
    r"|\s-\s(?=(?:(?:read|write|connect) E[A-Z]{4,}|ER_[A-Z_]{4,}|PROTOCOL_[A-Z_]{4,}"
    r"|Connection lost: The server|Query execution was interrupted"
    r"|Can't add new command when connection is in closed state)))"
)


_SPARED = re.compile("\x00(\\d+)\x00")


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

    out = text.replace("\x00", "")
    lower = out.lower()
    has_key = any(word in lower for word in KEYS)
    if has_key:
        out = HARMLESS.sub(spare, out)
    out, count = _mask_credentials(out)
    lower = out.lower()
    has_key = has_key and ANY_KEY.search(out) is not None
    for words, pattern in PATTERNS:
        if has_key if words is KEYS else any(word in lower for word in words):
            out = pattern.sub(hide, out)
    out = _SPARED.sub(lambda match: kept[int(match[1])], out) if kept else out
    return Masked(out, count)


def mask_sentence(text: str) -> Masked:
    """`text` without secrets, and without the literals of a statement that it quotes."""
    return _masked(text, find_quoted_statement, lambda prose: Masked(prose, 0))


def mask_excerpt(text: str) -> Masked:
    """A raw line or statement without secrets and literals.

    What is quoted outside of SQL stays only where it names an account, a path, a time or a setting.
    """
    return _masked(text, find_statement, lambda prose: Masked(*mask_prose(prose)))


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
    told_after = _TOLD_AFTER.search(statement)
    end = told_after.start() if told_after else len(statement)
    sql, literals = mask_statement(statement[:end]) if end else ("", 0)
    rest, tail = prose(told.text), _mask_tail(statement[end:], find, prose)
    count = secrets.count + told.count + rest.count + literals + tail.count
    return Masked(rest.text + sql + tail.text, count)


def _mask_tail(text: str, find: Callable[[str], int], prose: Callable[[str], Masked]) -> Masked:
    """What is said of a statement behind it, which may quote another one."""
    start = find(text)
    told = _mask_bound(text[:start])
    sql, literals = mask_statement(text[start:]) if start < len(text) else ("", 0)
    rest = prose(told.text)
    return Masked(rest.text + sql, told.count + rest.count + literals)


def _mask_bound(text: str) -> Masked:
    out, count = _BOUND.subn(lambda m: f"{m['keep']} {MASK}", text)
    return Masked(out, count)
