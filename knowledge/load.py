"""Reads the TOML files once and checks that they hang together."""

import tomllib
from collections.abc import Container, Iterator
from dataclasses import fields
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from knowledge.model import (
    ArticlePoint,
    CaptureFinding,
    Cause,
    ClientText,
    ErrorNumber,
    Knowledge,
    KnownFault,
    Meaning,
    Myth,
    NeededPrivilege,
    Reference,
    Remedy,
    Signal,
    Signature,
    Variable,
    Weighed,
)
from knowledge.phrases import family_signatures

TomlTable = dict[str, Any]


class KnowledgeError(Exception):
    """A data file is wrong; the message names the entry."""


@cache
def load() -> Knowledge:
    """The whole knowledge base. Raises KnowledgeError for a broken entry."""
    root = files("knowledge")
    knowledge = Knowledge(
        causes=_by_id(_cause(t) for t in _tables(root / "causes", "cause")),
        signals=_by_id(_plain(Signal, t) for t in _tables(root / "signals.toml", "signal")),
        signatures=_every_signature(),
        variables={v.name: v for v in _variables(root)},
        remedies=_by_id(_remedy(t) for t in _tables(root / "remedies.toml", "remedy")),
    )
    _check(knowledge)
    return knowledge


@cache
def signatures(kind: str) -> tuple[Signature, ...]:
    """The signatures of one kind (`error-log`, `client`, `kernel`), in file order."""
    told = f'kind = "{kind}"'
    texts = (text for text in _signature_files() if told in text)
    return tuple(s for text in texts for s in _signatures(text) if s.kind == kind)


@cache
def _every_signature() -> tuple[Signature, ...]:
    return tuple(s for text in _signature_files() for s in _signatures(text))


@cache
def myths() -> dict[str, Myth]:
    """What is often advised and does not help, by id. Raises KnowledgeError."""
    known, found = load(), {}
    for table in _tables(files("knowledge") / "myths.toml", "myth"):
        data = {**table, "references": _many(Reference, table.get("reference", []))}
        data.pop("reference", None)
        myth: Myth = _plain(Myth, data)
        _resolve(myth.id, myth.causes, known.causes)
        _resolve(myth.id, myth.variables, known.variables)
        found[myth.id] = myth
    return found


@cache
def errors() -> dict[int, ErrorNumber]:
    """The error numbers. Raises KnowledgeError."""
    known, found = load(), {}
    for table in _tables(files("knowledge") / "errors.toml", "error"):
        number = table["number"]
        if number in found:
            raise KnowledgeError(f"{number} is defined twice")
        found[number] = ErrorNumber(number, _many(Meaning, table["meaning"]))
        for meaning in found[number].meanings:
            _resolve(str(number), meaning.causes, known.causes)
    return found


@cache
def supported_until(series: str) -> date | None:
    """The last day on which `series` (`mysql-8.0`) gets corrections; None where it is not known."""
    tables = _tables(files("knowledge") / "versions.toml", "series")
    found = next((t["supported_until"] for t in tables if t["id"] == series), None)
    return None if found is None else date.fromisoformat(found)


@cache
def newest_series(product: str) -> str:
    """The newest series of `product` (`mysql`, `mariadb`) that is in the support calendar."""
    tables = _tables(files("knowledge") / "versions.toml", "series")
    own = [t["id"] for t in tables if t["id"].startswith(f"{product}-")]
    return str(max(own, key=series_numbers))


def series_numbers(series: str) -> tuple[int, ...]:
    """`mariadb-10.11` as numbers, to be put in order."""
    return tuple(int(part) for part in series.partition("-")[2].split("."))


@cache
def calendar_date() -> date:
    """The day on which the support calendar was last looked through."""
    data = tomllib.loads((files("knowledge") / "versions.toml").read_text(encoding="utf-8"))
    return date.fromisoformat(data["as_of"])


@cache
def known_faults() -> tuple[KnownFault, ...]:
    """Faults of single releases. Raises KnowledgeError."""
    tables = _tables(files("knowledge") / "versions.toml", "fault")
    return tuple(_plain(KnownFault, {k: v for k, v in t.items() if k != "as_of"}) for t in tables)


@cache
def capture_findings() -> tuple[CaptureFinding, ...]:
    """What defeats the switch that puts a captured log back. Raises KnowledgeError."""
    return tuple(
        _plain(CaptureFinding, t) for t in _tables(files("knowledge") / "captures.toml", "finding")
    )


@cache
def needed_privileges() -> tuple[NeededPrivilege, ...]:
    """What each part needs of an account. Raises KnowledgeError."""
    tables = _tables(files("knowledge") / "privileges.toml", "privilege")
    return tuple(_plain(NeededPrivilege, t) for t in tables)


@cache
def article() -> tuple[ArticlePoint, ...]:
    """What the article says, point by point, and what covers it here. Raises KnowledgeError."""
    known = load()
    tables = _tables(files("knowledge") / "article.toml", "point")
    points: tuple[ArticlePoint, ...] = tuple(_plain(ArticlePoint, t) for t in tables)
    for point in points:
        _resolve(point.id, point.causes, known.causes)
        _resolve(point.id, point.remedies, known.remedies)
        _resolve(point.id, point.variables, known.variables)
        _resolve(point.id, point.myths, myths())
    return points


def _resolve(entry: str, names: tuple[str, ...], known: Container[str]) -> None:
    for name in names:
        if name not in known:
            raise KnowledgeError(f"{entry}: unknown id {name}")


def _tables(place: Traversable, key: str) -> Iterator[TomlTable]:
    for text in _toml_files(place):
        yield from _tables_in(tomllib.loads(text), key)


def _tables_in(data: TomlTable, key: str) -> Iterator[TomlTable]:
    """The entries of one file, with what stands at its top."""
    defaults = {k: v for k, v in data.items() if not isinstance(v, list)}
    for table in data.get(key, ()):
        yield {**defaults, **table}


@cache
def _signature_files() -> tuple[str, ...]:
    return tuple(_toml_files(files("knowledge") / "signatures"))


def _toml_files(place: Traversable) -> Iterator[str]:
    """The texts of the files there, in the order of their names."""
    if not place.is_dir():
        yield place.read_text(encoding="utf-8")
        return
    for entry in sorted(place.iterdir(), key=lambda e: e.name):
        if entry.is_dir() or entry.name.endswith(".toml"):
            yield from _toml_files(entry)


@cache
def _signatures(text: str) -> tuple[Signature, ...]:
    """Of one file, which is taken in once, whoever asks: the single ones, then the families."""
    data = tomllib.loads(text)
    single = tuple(_plain(Signature, table) for table in _tables_in(data, "signature"))
    return (*single, *_of_families(data))


def _of_families(data: TomlTable) -> Iterator[Signature]:
    for table in _tables_in(data, "family"):
        try:
            yield from family_signatures(table)
        except (KeyError, TypeError) as error:
            raise KnowledgeError(f"{table.get('id', table)}: {error}") from None


def _by_id(entries: Iterator[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.id in found:
            raise KnowledgeError(f"{entry.id} is defined twice")
        found[entry.id] = entry
    return found


def _plain(kind: type[Any], table: TomlTable) -> Any:
    known = {f.name for f in fields(kind)}
    if unknown := set(table) - known:
        raise KnowledgeError(f"{table.get('id', table)}: unknown keys {sorted(unknown)}")
    frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    try:
        return kind(**frozen)
    except TypeError as error:
        raise KnowledgeError(f"{table.get('id', table)}: {error}") from None


def _many(kind: type[Any], tables: list[TomlTable]) -> tuple[Any, ...]:
    return tuple(_plain(kind, t) for t in tables)


def _cause(table: TomlTable) -> Cause:
    data = dict(table)
    data["clients"] = _many(ClientText, data.pop("client", []))
    data["supports"] = _many(Weighed, data.pop("for", []))
    data["against"] = _many(Weighed, data.pop("against", []))
    data["references"] = _many(Reference, data.pop("reference", []))
    data.setdefault("remedies", [])
    cause: Cause = _plain(Cause, data)
    return cause


def _remedy(table: TomlTable) -> Remedy:
    data = dict(table)
    data["references"] = _many(Reference, data.pop("reference", []))
    remedy: Remedy = _plain(Remedy, data)
    return remedy


def _variables(root: Traversable) -> Iterator[Variable]:
    for table in _tables(root / "variables", "variable"):
        variable: Variable = _plain(Variable, {"minimum": None, "maximum": None, **table})
        _check_differs(variable)
        yield variable


def _check_differs(variable: Variable) -> None:
    known = {f.name for f in fields(Variable)} - {"name", "defaults", "differs"}
    flavors = {series.partition("-")[0] for series in variable.defaults}
    for place, otherwise in variable.differs.items():
        if place not in variable.defaults and place not in flavors:
            raise KnowledgeError(f"{variable.name}: differs on {place}, where it does not exist")
        if unknown := set(otherwise) - known:
            raise KnowledgeError(f"{variable.name}: unknown keys {sorted(unknown)}")


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
