"""One line of an option file, as the mysql client reads it. Pure."""

_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "s": " ", '"': '"', "'": "'", "\\": "\\",
}  # fmt: skip


def option_in(line: str) -> tuple[str, str | None]:
    """Name (`canonical`) and value of one line; the value is None without an equals sign."""
    name, equals, value = _without_comment(line).partition("=")
    return canonical(name.rstrip()), _unquoted(value.strip()) if equals else None


def canonical(name: str) -> str:
    """An option's name with underscores and without `loose-`, which only silences errors."""
    return name.replace("-", "_").removeprefix("loose_")


def _without_comment(line: str) -> str:
    """`line` up to a `#` outside quotes. A quote that is never closed holds to the end."""
    quote = ""
    escaped = False
    for at, char in enumerate(line):
        if char in "'\"" and not escaped:
            quote = char if not quote else "" if quote == char else quote
        if not quote and char == "#":
            return line[:at]
        escaped = bool(quote) and char == "\\" and not escaped
    return line


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] in "'\"" and value[0] == value[-1]:
        value = value[1:-1]
    out: list[str] = []
    chars = iter(range(len(value)))
    for at in chars:
        if value[at] == "\\" and at != len(value) - 1:
            follower = value[next(chars)]
            out.append(_ESCAPES.get(follower, "\\" + follower))
        else:
            out.append(value[at])
    return "".join(out)
