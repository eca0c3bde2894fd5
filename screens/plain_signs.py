"""Signs for terminals that cannot show all that the screens draw with.

Where the locale's encoding lacks a sign (LC_ALL=POSIX), Python writes an escape such as `\\u2502`,
which is six columns broad and shifts the rest of its row. The Linux console speaks UTF-8, but its
font has 512 signs at most (console_codes(4)) and only the whole and the half block among the
eighths. Each sign gets another one that is as broad.
"""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Mapping

from rich.cells import cell_len

ERRORS = "goneaway-wizard.plain"
"""The name of our error handler (codecs.register_error)."""

_ASCII = {
    **dict(zip("▁▂▃▄▅▆▇█▔▀▌▐▎▊▏▕", '_..-=+*#^"||||||', strict=True)),
    **dict.fromkeys("│┃║┆┊╎·", "|"),
    **dict.fromkeys("─━═╌┄┈╸╺╴╶–—", "-"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╔╗╚╝┏┓┗┛", "+"),
    **dict(zip("×…▼▲▶◀●→←’‘“”", "x~v^><*><''\"\"", strict=True)),
}
ASCII = str.maketrans(_ASCII)
"""What is drawn in ASCII alone."""

CONSOLE = str.maketrans("▁▂▃▅▆▇▔▎▊▏▕…┃━", "__▄▄██▀▌▌││~│─")
"""What the Linux console draws instead."""


def replaced(error: UnicodeError) -> tuple[str, int]:
    """The codec's question what to write for what it cannot encode."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return plain(error.object[error.start : error.end]), error.end


def plain(text: str) -> str:
    """ASCII as broad as `text`; `?` for a column of which nothing better is known."""
    return "".join(
        sign if sign.isascii() else "?" * cell_len(sign) for sign in text.translate(ASCII)
    )


def table_for(environ: Mapping[str, str]) -> dict[int, int] | None:
    """What this terminal has to have replaced, beside what its locale cannot encode."""
    return CONSOLE if environ.get("TERM") == "linux" else None


def use_plain_signs() -> None:
    """Let what cannot be encoded be written as a sign that can."""
    codecs.register_error(ERRORS, replaced)
    for stream in (sys.__stderr__, sys.__stdout__):
        if isinstance(stream, io.TextIOWrapper) and not _is_unicode(stream.encoding):
            stream.reconfigure(errors=ERRORS)


def _is_unicode(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "").startswith("utf")
