"""The server's logs of statements: what they hold, and what they cannot tell."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from knowledge.model import Reference


@dataclass(frozen=True, slots=True)
class Tells:
    """What one pattern in a log says about connections that go away."""

    signal: str
    means: str


@dataclass(frozen=True, slots=True)
class StatementLog:
    """A log of statements; `step` reads it, `names` are its other names."""

    id: str
    title: str
    step: str
    says: str
    cost: str
    cannot: tuple[str, ...]
    tells: tuple[Tells, ...]
    variables: tuple[str, ...]
    names: tuple[str, ...]
    references: tuple[Reference, ...]


@cache
def statement_logs() -> Mapping[str, StatementLog]:
    """The logs by id."""
    text = (files("knowledge") / "server_logs.toml").read_text(encoding="utf-8")
    return {
        table["id"]: StatementLog(
            table["id"], table["title"], table["step"], table["says"], table["cost"],
            tuple(table["cannot"]),
            tuple(Tells(**told) for told in table["tells"]),
            tuple(table["variables"]),
            tuple(table["names"]),
            tuple(Reference(**told) for told in table["reference"]),
        )
        for table in tomllib.loads(text)["log"]
    }  # fmt: skip
