"""What newer versions of Python brought, for a host's Python 3.6.

Only as much of it as the readers use. Nothing here runs on this side but in tests.
"""

import bisect
import functools
import itertools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta, timezone
from enum import Enum
from importlib import import_module
from typing import Any

from wizard.logs.source.zone_files import zone_of_file

UTC = timezone.utc  # noqa: UP017 - the name that is meant came later

_MISSING: Any = object()
_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_CLOCK = r"(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(Z|[+-]\d\d:?\d\d(?::?\d\d)?)?"
_ISO = re.compile(rf"{_DATE}(?:.{_CLOCK})?$", re.ASCII)
_TIME = re.compile(_CLOCK + "$", re.ASCII)


def _zones() -> tuple[Any, Any]:
    """Before Python 3.9 the zone database is read by ourselves."""
    try:
        zones = import_module("zoneinfo")
    except ImportError:
        return functools.lru_cache(maxsize=None)(zone_of_file), KeyError
    return zones.ZoneInfo, zones.ZoneInfoNotFoundError


def _of_re(new: str, old: str) -> Any:
    """A part of `re` that had a name of its own before Python 3.11."""
    try:
        return import_module(new)
    except ImportError:
        return import_module(old)


ZoneInfo, ZoneInfoNotFoundError = _zones()
_constants = _of_re("re._constants", "sre_constants")
_parser = _of_re("re._parser", "sre_parse")


class StrEnum(str, Enum):  # noqa: UP042 - this is the older Python's
    """A name that is a text."""

    def __str__(self) -> str:
        return str(self.value)


def cache(function: Callable[..., Any]) -> Callable[..., Any]:
    return functools.lru_cache(maxsize=None)(function)


def bisect_left(items: Sequence[Any], wanted: Any, low: int = 0, key: Any = None) -> int:
    if key is None:
        return bisect.bisect_left(items, wanted, low)
    return bisect.bisect_left([key(item) for item in items], wanted)


def accumulate(numbers: Iterable[int], initial: int = 0) -> Iterator[int]:
    return itertools.accumulate(itertools.chain((initial,), numbers))


def pairwise(items: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    first, second = itertools.tee(items)
    next(second, None)
    return zip(first, second)  # noqa: B905 - the other is one shorter


def prod(numbers: Iterable[Any]) -> Any:
    return functools.reduce(operator.mul, numbers, 1)


def isascii(text: Any) -> bool:
    try:
        text.encode("ascii") if isinstance(text, str) else text.decode("ascii")
    except UnicodeError:
        return False
    return True


def removeprefix(text: str, start: str) -> str:
    return text[len(start) :] if text.startswith(start) else text


def removesuffix(text: str, end: str) -> str:
    return text[: len(text) - len(end)] if end and text.endswith(end) else text


def fromisoformat(kind: Any, text: str) -> Any:
    """datetime.fromisoformat and time.fromisoformat, as far as logs write such times."""
    if kind is time:
        found = _TIME.match(text)
        if found is None:
            raise ValueError(text)
        return time(*_clock(found.groups()))
    found = _ISO.match(text)
    if found is None:
        raise ValueError(text)
    *whole, fraction, zone = found.groups()
    return _second(tuple(whole), zone) + timedelta(0, 0, _micros(fraction))


@functools.lru_cache(maxsize=256)
def _second(parts: tuple[str, ...], zone: str | None) -> datetime:
    """Lines of one second differ in its fraction alone."""
    return datetime(*[int(part or 0) for part in parts]).replace(tzinfo=_zone(zone))  # type: ignore[arg-type]


def _clock(parts: Sequence[Any]) -> tuple[Any, ...]:
    hour, minute, second, fraction, zone = parts
    return int(hour or 0), int(minute or 0), int(second or 0), _micros(fraction), _zone(zone)


def _micros(fraction: str | None) -> int:
    return int((fraction or "0")[:6].ljust(6, "0"))


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    digits = text[1:].replace(":", "")
    if not digits:
        return UTC
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:] or 0))
    return timezone(-ahead if text[0] == "-" else ahead)


class Field:
    """What a dataclass says of one of its fields."""

    def __init__(
        self, name: str, default: Any, factory: Any = None, compare: bool = True, init: bool = True
    ) -> None:
        self.name, self.default, self.factory = name, default, factory
        self.compare, self.init = compare, init


def field(
    default: Any = _MISSING, default_factory: Any = None, compare: bool = True, init: bool = True
) -> Field:
    return Field("", default, default_factory, compare, init)


def fields(thing: Any) -> tuple[Field, ...]:
    found: tuple[Field, ...] = thing.own_field_list
    return found


def is_dataclass(thing: Any) -> bool:
    return hasattr(thing, "own_field_list")


def replace(thing: Any, **changes: Any) -> Any:
    given = {each.name: getattr(thing, each.name) for each in fields(thing)}
    return type(thing)(**dict(given, **changes))


def dataclass(kind: Any = None, frozen: bool = False, eq: bool = True, slots: bool = False) -> Any:
    """A dataclass by the field names that `converted` left in `own_fields`."""
    if kind is None:
        return lambda made: dataclass(made, frozen, eq, slots)
    known = list(getattr(kind, "own_field_list", ()))
    known += list(_declared(kind))
    kind.own_field_list = tuple(known)
    _add_init(kind, [each for each in known if each.init])
    if eq:
        kind.__eq__ = _equal
        kind.__hash__ = _hash if frozen else None
    if kind.__repr__ is object.__repr__:
        kind.__repr__ = _shown
    return kind


def _declared(kind: Any) -> Iterator[Field]:
    for name in kind.__dict__.get("own_fields", ()):
        given = kind.__dict__.get(name, _MISSING)
        if isinstance(given, Field):
            given.name = name
            if given.default is _MISSING:
                delattr(kind, name)
            else:
                setattr(kind, name, given.default)
            yield given
        else:
            yield Field(name, given)


def _add_init(kind: Any, known: Sequence[Field]) -> None:
    words, lines = ["self"], []
    room: dict[str, Any] = {"_missing": _MISSING}
    for number, each in enumerate(known):
        is_optional = each.factory is not None or each.default is not _MISSING
        words.append(f"{each.name}=_d{number}" if is_optional else each.name)
        room[f"_d{number}"] = _MISSING if each.factory is not None else each.default
        room[f"_f{number}"] = each.factory
        value = each.name
        if each.factory is not None:
            value = f"_f{number}() if {each.name} is _missing else {each.name}"
        lines.append(f"    self.{each.name} = {value}")
    if hasattr(kind, "__post_init__"):
        lines.append("    self.__post_init__()")
    exec(f"def __init__({', '.join(words)}):\n" + "\n".join(lines or ["    pass"]), room)
    kind.__init__ = room["__init__"]


def _values(thing: Any) -> tuple[Any, ...]:
    return tuple(getattr(thing, each.name) for each in fields(thing) if each.compare)


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and _values(one) == _values(other)


def _hash(thing: Any) -> int:
    return hash(_values(thing))


def _shown(thing: Any) -> str:
    told = ", ".join(f"{each.name}={getattr(thing, each.name)!r}" for each in fields(thing))
    return f"{type(thing).__name__}({told})"
