"""The schema that a command's JSON follows, as text."""

from importlib.resources import files

SCHEMAS = {
    "capture": "capture",
    "check": "check",
    "demo": "check",
    "fleet": "fleet",
    "logs": "logs",
    "report": "check",
    "watch": "watch",
}
"""The file that holds each command's schema; a report has the answer of `check`."""


def schema_text(command: str) -> str:
    """The schema of what `command --format json` prints. Raises KeyError."""
    return (files("wizard.schema") / f"{SCHEMAS[command]}.json").read_text(encoding="utf-8")
