"""Reads the TOML files once and checks that they hang together."""

import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from knowledge.model import (
    Cause,
    ClientText,
    Knowledge,
    Reference,
    Remedy,
    Signal,
    Signature,
    Variable,
    Weighed,
)

Table = dict[str, Any]


class KnowledgeError(Exception):
    """A data file is wrong; the message names the entry."""


@cache
def load() -> Knowledge:
    """The whole knowledge base. Raises KnowledgeError for a broken entry."""
    root = files("knowledge")
    knowledge = Knowledge(
        causes=_by_id(_cause(t) for t in _tables(root / "causes", "cause")),
        signals=_by_id(_plain(Signal, t) for t in _tables(root / "signals.toml", "signal")),
        signatures=tuple(
            _plain(Signature, t) for t in _tables(root / "signatures", "signature")
        ),
        variables={v.name: v for v in _variables(root)},
        remedies=_by_id(_remedy(t) for t in _tables(root / "remedies.toml", "remedy")),
    )
    _check(knowledge)
    return knowledge


@cache
def signatures(kind: str) -> tuple[Signature, ...]:
    """The signatures of one kind (`error-log`, `client`, `kernel`), in file order."""
    found = (_plain(Signature, t) for t in _tables(files("knowledge") / "signatures", "signature"))
    return tuple(s for s in found if s.kind == kind)


def _tables(place: Traversable, key: str) -> Iterator[Table]:
    if place.is_dir():
        for entry in sorted(place.iterdir(), key=lambda e: e.name):
            if entry.name.endswith(".toml"):
                yield from _tables(entry, key)
        return
    data = tomllib.loads(place.read_text(encoding="utf-8"))
    defaults = {k: v for k, v in data.items() if not isinstance(v, list)}
    for table in data.get(key, ()):
        yield {**defaults, **table}


def _by_id(entries: Iterator[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.id in found:
            raise KnowledgeError(f"{entry.id} is defined twice")
        found[entry.id] = entry
    return found


def _plain(kind: type[Any], table: Table) -> Any:
    known = {f.name for f in fields(kind)}
    if unknown := set(table) - known:
        raise KnowledgeError(f"{table.get('id', table)}: unknown keys {sorted(unknown)}")
    frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    try:
        return kind(**frozen)
    except TypeError as error:
        raise KnowledgeError(f"{table.get('id', table)}: {error}") from None


def _many(kind: type[Any], tables: list[Table]) -> tuple[Any, ...]:
    return tuple(_plain(kind, t) for t in tables)


def _cause(table: Table) -> Cause:
    data = dict(table)
    data["clients"] = _many(ClientText, data.pop("client", []))
    data["supports"] = _many(Weighed, data.pop("for", []))
    data["against"] = _many(Weighed, data.pop("against", []))
    data["references"] = _many(Reference, data.pop("reference", []))
    data.setdefault("remedies", [])
    cause: Cause = _plain(Cause, data)
    return cause


def _remedy(table: Table) -> Remedy:
    data = dict(table)
    data["references"] = _many(Reference, data.pop("reference", []))
    remedy: Remedy = _plain(Remedy, data)
    return remedy


def _variables(root: Traversable) -> Iterator[Variable]:
    for table in _tables(root / "variables", "variable"):
        yield _plain(Variable, {"minimum": None, "maximum": None, **table})


def _check(knowledge: Knowledge) -> None:
    for cause in knowledge.causes.values():
        for use in (*cause.supports, *cause.against):
            if use.signal not in knowledge.signals:
                raise KnowledgeError(f"{cause.id}: unknown signal {use.signal}")
        for remedy in cause.remedies:
            if remedy not in knowledge.remedies:
                raise KnowledgeError(f"{cause.id}: unknown remedy {remedy}")
    for signature in knowledge.signatures:
        if signature.signal and signature.signal not in knowledge.signals:
            raise KnowledgeError(f"{signature.id}: unknown signal {signature.signal}")
    for remedy_entry in knowledge.remedies.values():
        if remedy_entry.variable and remedy_entry.variable not in knowledge.variables:
            raise KnowledgeError(f"{remedy_entry.id}: unknown variable {remedy_entry.variable}")
