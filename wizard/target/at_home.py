"""A path as an operator types it, with `~` for a home."""

from pathlib import Path


def at_home(text: str | Path) -> Path:
    """As it is where it names the home of nobody: then it cannot be read, and that is told."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)
