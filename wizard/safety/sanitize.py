"""One gate for text from outside: log lines, variables, host names, SQL.

Terminals obey control sequences in whatever they print, and Textual strips only a few
of them, so nothing reaches a screen, a report or a case file without passing here.
"""

import re

MAX_LINE = 1000
"""Characters kept of one line; the rest is cut and marked with an ellipsis."""

# C0 without tab and newline, DEL, C1, the bidirectional and invisible format controls (Unicode
# TR 36, section 3.2), and lone surrogates, which no UTF-8 stream can carry.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069"
    "\ud800-\udfff\ufeff\ufff9-\ufffb]"
)


def sanitize(text: str, limit: int = MAX_LINE) -> str:
    """`text` without control and bidi characters, on one line, at most `limit` characters."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    cut = text[: limit + 1]
    clean = _UNSAFE.sub("", cut.replace("\r\n", "\n").replace("\n", " ").replace("\t", " "))
    return clean if len(text) <= limit else clean[: limit - 1].rstrip() + "…"


def sanitize_block(text: str, lines: int = 60, limit: int = MAX_LINE) -> str:
    """Several lines, each sanitized; at most `lines` of them, and what was cut is said."""
    parts = text.splitlines()
    kept = [sanitize(part, limit) for part in parts[:lines]]
    if len(parts) > lines:
        kept.append(f"… {len(parts) - lines} more lines")
    return "\n".join(kept)


def decode(raw: bytes, limit: int = MAX_LINE) -> str:
    """Bytes of unknown origin as one safe line; undecodable bytes become U+FFFD."""
    return sanitize(raw[: limit * 4].decode("utf-8", "replace"), limit)
