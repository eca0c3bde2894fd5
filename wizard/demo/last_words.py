"""Why a server did not start, in its own words."""

from pathlib import Path

from wizard.safety.sanitize import decode

_TAIL = 16384


def last_words(*logs: Path, lines: int = 3) -> str:
    """The newest errors in `logs`, or else their newest lines, as one line; "" for silence."""
    written = [line for log in logs for line in _tail(log) if line.strip()]
    errors = [line for line in written if b"ERROR" in line] or written
    return " / ".join(decode(line, 200) for line in errors[-lines:])


def _tail(log: Path) -> list[bytes]:
    try:
        return log.read_bytes()[-_TAIL:].splitlines()
    except OSError:
        return []
