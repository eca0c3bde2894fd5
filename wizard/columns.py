"""Text in terminal columns: wide characters take two, combining ones none."""

import unicodedata
from collections.abc import Iterator


def width(text: str) -> int:
    """How many columns `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(char) for char in text)


def pad(text: str, columns: int) -> str:
    return text + " " * max(0, columns - width(text))


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, broken at spaces; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for piece in _pieces(word, columns):
            if line and width(line) + 1 + width(piece) > columns:
                lines.append(line)
                line = piece
            else:
                line = f"{line} {piece}" if line else piece
    return [*lines, line] if line or not lines else lines


def chop(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, cut after a space where one is near the end.

    That space may hang over; nothing is changed or lost.
    """
    lines = []
    while width(text) > columns:
        line = next(_pieces(text, columns))
        space = text.rfind(" ", 0, len(line) + 1)
        if space > len(line) // 2:
            line = text[: space + 1]
        lines.append(line)
        text = text[len(line) :]
    return [*lines, text]


def _pieces(text: str, columns: int) -> Iterator[str]:
    if text.isascii():
        yield from (text[i : i + columns] for i in range(0, len(text), columns))
        return
    piece, used = "", 0
    for char in text:
        cell = _cell(char)
        if used + cell > columns:
            yield piece
            piece, used = "", 0
        piece, used = piece + char, used + cell
    if piece:
        yield piece


def _cell(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
