"""A script's output, cut at the lines that its caller has marked."""

from collections.abc import Iterator


def sections(output: bytes, mark: str) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Each section's words after the mark, one or more, and its text."""
    for part in (b"\n" + output).split(f"\n{mark} ".encode())[1:]:
        head, _, body = part.partition(b"\n")
        if words := tuple(head.decode("utf-8", "replace").split()):
            yield words, body
