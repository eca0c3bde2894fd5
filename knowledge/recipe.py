"""What to set on the client's side: one recipe for each library, framework, proxy and cloud.

A recipe holds text to paste with named places (`@lifetime@`) in it. What stands there is one of a
fixed list of quantities in a unit; the figures are worked out elsewhere, from what was measured.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge.load import KnowledgeError
from knowledge.model import Reference

PLACE = re.compile(r"@([a-z_]+)@")
"""A named place in a snippet's text."""

_IDLE = ("idle-timeout", "stale-pooled-connection", "network-idle-drop", "proxy-timeout")


class Quantity(StrEnum):
    """What a place in a snippet stands for."""

    POOL_LIFETIME = "pool-lifetime"
    """The greatest age of a connection: below the shortest timeout on the path."""
    IDLE_LIMIT = "idle-limit"
    """How long a pool keeps a connection that nobody uses: half the lifetime."""
    KEEPALIVE = "keepalive"
    """How often an idle connection is touched: less than half the shortest timeout."""
    PATH_TIMEOUT = "path-timeout"
    """What a proxy should allow: longer than the server's wait_timeout."""
    CHUNK_SIZE = "chunk-size"
    """The size of one statement: well below max_allowed_packet."""
    PACKET_LIMIT = "packet-limit"
    """max_allowed_packet itself, for a limit that should be the server's."""


class Unit(StrEnum):
    MILLISECONDS = "ms"
    SECONDS = "s"
    MINUTES = "min"
    BYTES = "bytes"


class Purpose(StrEnum):
    """What a snippet is good for."""

    LIFETIME = "lifetime"
    CHECK = "check"
    PACKET = "packet"
    CLIENT_PACKET = "client-packet"
    FORK = "fork"
    CLOSE = "close"
    READ_TIMEOUT = "read-timeout"
    SLOW_READER = "slow-reader"
    FLOW = "flow"
    PROXY = "proxy"

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes that a snippet with this purpose helps against."""
        return _CAUSES[self]


_CAUSES: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.LIFETIME: _IDLE,
    Purpose.CHECK: (*_IDLE, "server-restarted", "failover"),
    Purpose.PACKET: ("packet-too-large",),
    Purpose.CLIENT_PACKET: ("client-packet-limit",),
    Purpose.FORK: ("shared-connection",),
    Purpose.CLOSE: ("client-not-closing", "too-many-connections", "user-limit"),
    Purpose.READ_TIMEOUT: ("client-read-timeout",),
    Purpose.SLOW_READER: ("net-write-timeout",),
    Purpose.FLOW: ("network-idle-drop",),
    Purpose.PROXY: ("proxy-timeout",),
}


@dataclass(frozen=True, slots=True)
class RecipeValue:
    """What stands in one place. `minimum` and `maximum`, in `unit`, are what the option takes: a
    lifetime below the minimum cannot be set, for the pool would take another one instead."""

    name: str
    quantity: Quantity
    unit: Unit
    minimum: int = 1
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Snippet:
    """Text to paste, at most 80 columns wide. `place` says where it goes; `format` names its
    language; `why` is what it does."""

    title: str
    purpose: Purpose
    format: str
    place: str
    text: str
    why: str
    values: tuple[RecipeValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Trap:
    """What goes wrong with `option`; `unit` is the one it takes, or empty."""

    option: str
    text: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to set in one library, framework, worker, proxy or cloud (`kind`).

    `drivers` are the names that a failure's `driver` may have. `marks` are words, in lower case,
    by which its failures are known; where it has some, one must be there. `covers` names recipes
    that it makes needless. `hosts` are endings of a server's name that belong to it. `anyone`
    lists purposes for which it suits every client.
    """

    id: str
    title: str
    kind: str
    summary: str
    snippets: tuple[Snippet, ...]
    traps: tuple[Trap, ...]
    verify: str
    references: tuple[Reference, ...]
    drivers: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    covers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    anyone: tuple[Purpose, ...] = ()

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes it helps against, each once."""
        named = (cause for s in self.snippets for cause in s.purpose.causes)
        return tuple(dict.fromkeys(named))


@cache
def recipes() -> Mapping[str, Recipe]:
    """All recipes by id, in the order of their files. Raises KnowledgeError for a broken one."""
    found: dict[str, Recipe] = {}
    place = files("knowledge") / "clients"
    for entry in sorted(place.iterdir(), key=lambda e: e.name):
        if not entry.name.endswith(".toml"):
            continue
        for table in tomllib.loads(entry.read_text(encoding="utf-8")).get("recipe", ()):
            recipe = _recipe(table)
            if recipe.id in found:
                raise KnowledgeError(f"{recipe.id} is defined twice")
            found[recipe.id] = recipe
    for recipe in found.values():
        if unknown := set(recipe.covers) - set(found):
            raise KnowledgeError(f"{recipe.id}: covers unknown recipes {sorted(unknown)}")
    return found


def _recipe(table: dict[str, Any]) -> Recipe:
    name = str(table.get("id", "a recipe without an id"))
    data = dict(table)
    data["snippets"] = tuple(_snippet(name, t) for t in data.pop("snippet", ()))
    data["traps"] = tuple(_plain(name, Trap, t) for t in data.pop("trap", ()))
    data["references"] = tuple(_plain(name, Reference, t) for t in data.pop("reference", ()))
    data["anyone"] = tuple(_member(name, Purpose, p) for p in data.pop("anyone", ()))
    recipe: Recipe = _plain(name, Recipe, data)
    return recipe


def _snippet(name: str, table: dict[str, Any]) -> Snippet:
    data = dict(table)
    data["purpose"] = _member(name, Purpose, data.get("purpose"))
    data["values"] = tuple(_value(name, n, t) for n, t in data.pop("values", {}).items())
    snippet: Snippet = _plain(name, Snippet, data)
    places, known = set(PLACE.findall(snippet.text)), {v.name for v in snippet.values}
    if places != known:
        raise KnowledgeError(f"{name}: {sorted(places ^ known)} stand on one side only")
    return snippet


def _value(name: str, place: str, table: dict[str, Any]) -> RecipeValue:
    data = {**table, "name": place}
    data["quantity"] = _member(name, Quantity, data.get("quantity"))
    data["unit"] = _member(name, Unit, data.get("unit"))
    value: RecipeValue = _plain(name, RecipeValue, data)
    return value


def _member(name: str, kind: type[Any], word: object) -> Any:
    try:
        return kind(word)
    except ValueError:
        raise KnowledgeError(f"{name}: {word!r} is no {kind.__name__}") from None


def _plain(name: str, kind: type[Any], table: dict[str, Any]) -> Any:
    if unknown := set(table) - {f.name for f in fields(kind)}:
        raise KnowledgeError(f"{name}: unknown keys {sorted(unknown)}")
    frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    try:
        return kind(**frozen)
    except TypeError as error:
        raise KnowledgeError(f"{name}: {error}") from None
