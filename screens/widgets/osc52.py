"""The terminal's clipboard, reached through the terminal itself, so that it works over SSH."""

import base64

LIMIT = 74_994
"""Bytes of text whose base64 still fits the 100,000 bytes that terminals and hterm's osc52
script take for one sequence (99,992 bytes of base64)."""

SENT = "sent to the terminal's clipboard; tmux needs `set -s set-clipboard on`"
TOO_LARGE = "too large for the terminal's clipboard; save it to a file instead"


def osc52(text: str, limit: int = LIMIT) -> str | None:
    """The OSC 52 sequence that puts `text` on the clipboard;

    None where it is too long. xterm control sequences, "Manipulate Selection Data". Too long is
    UTF-8 of more than `limit` bytes: terminals drop or cut such a sequence without a word. Nothing
    answers it, so whether the terminal obeyed is not known.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > limit:
        return None
    return f"\x1b]52;c;{base64.b64encode(raw).decode('ascii')}\x07"
