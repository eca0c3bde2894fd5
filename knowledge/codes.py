"""Codes that are no error numbers of MySQL, and the client programs that people look up."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Code:
    """A socket's error, a SQLSTATE or a client's own code. `names` are its other forms."""

    id: str
    title: str
    means: str
    names: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """A client library or a program with one inside; `recipe` is what to set in it."""

    id: str
    title: str
    says: str
    names: tuple[str, ...] = ()
    recipe: str = ""


@cache
def codes() -> Mapping[str, Code]:
    """The codes by id."""
    return {entry.id: entry for entry in (Code(**t) for t in _tables("codes.toml", "code"))}


@cache
def programs() -> Mapping[str, Program]:
    """The programs by id."""
    read = (Program(**t) for t in _tables("programs.toml", "program"))
    return {entry.id: entry for entry in read}


def _tables(name: str, key: str) -> list[dict[str, Any]]:
    text = (files("knowledge") / name).read_text(encoding="utf-8")
    return [
        {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
        for table in tomllib.loads(text)[key]
    ]
