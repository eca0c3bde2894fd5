"""Dataclasses to JSON values and back, driven by their type hints.

Reading is strict: a value of the wrong kind raises CodecError with its place. Keys that the
dataclass does not know are ignored, and absent ones take the field's default, so that fields
can be added within one schema version.
"""

import math
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from wizard.case.moments import YEARS

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Model = TypeVar("Model")

_MAX_INT = 2**63


class CodecError(Exception):
    """A value does not fit; the message is one line and names its place."""


def encode(value: object) -> Json:
    """`value` as JSON data. JSON has no infinity: a number that is not finite becomes null."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return encode(value.value)
    if isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.astimezone()).isoformat()
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    raise CodecError(f"cannot write a {type(value).__name__}")


def decode(kind: type[Model], data: object, place: str = "") -> Model:
    """JSON data as a `kind`. Raises CodecError."""
    return cast(Model, _decode(kind, data, place or kind.__name__.lower()))


def map_text(value: Any, change: Callable[[str, str], str], name: str = "") -> Any:
    """A copy of `value` in which `change(name, text)` has replaced each text.

    The name is `Class.field` (`Failure.text`); the items of a tuple and the keys and values of
    a mapping go by the field that holds them. Enums, numbers and times stay.
    """
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return change(name, value)
    if isinstance(value, tuple):
        return tuple(map_text(item, change, name) for item in value)
    if isinstance(value, Mapping):
        return {change(name, str(key)): map_text(item, change, name) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        owner = type(value).__name__
        made = {
            f.name: map_text(getattr(value, f.name), change, f"{owner}.{f.name}")
            for f in fields(value)
        }
        return type(value)(**made)
    return value


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, data: object, place: str) -> object:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(get_args(kind), data, place)
    if origin is tuple:
        item = get_args(kind)[0]
        listed = _expect(data, list, place)
        return tuple(_decode(item, x, f"{place}[{i}]") for i, x in enumerate(listed))
    if origin is not None and issubclass(origin, Mapping):
        item = get_args(kind)[1]
        table = _expect(data, dict, place)
        return {str(k): _decode(item, x, f"{place}.{k}") for k, x in table.items()}
    if is_dataclass(kind):
        return _decode_dataclass(cast(type[Any], kind), data, place)
    return _decode_plain(kind, data, place)


def _decode_union(choices: tuple[Any, ...], data: object, place: str) -> object:
    exact = [c for c in choices if isinstance(c, type) and type(data) is c]
    for choice in exact or choices:
        try:
            return _decode(choice, data, place)
        except CodecError as error:
            last = error
    raise last


def _decode_dataclass(kind: type[Any], data: object, place: str) -> object:
    table = _expect(data, dict, place)
    hints = _hints(cast(Any, kind))
    made: dict[str, object] = {}
    for entry in fields(kind):
        if entry.name in table:
            made[entry.name] = _decode(hints[entry.name], table[entry.name], _at(place, entry))
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise CodecError(f"{_at(place, entry)} is missing")
    return kind(**made)


def _at(place: str, entry: "Field[Any]") -> str:
    return f"{place}.{entry.name}"


def _decode_plain(kind: Any, data: object, place: str) -> object:
    if kind is types.NoneType:
        if data is None:
            return None
        raise CodecError(f"{place} must be null")
    if kind is datetime:
        return _decode_time(data, place)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(data)
        except ValueError:
            raise CodecError(f"{place} has an unknown value") from None
    if kind is float and type(data) is int:
        return _decode_float(data, place)
    if type(data) is not kind:
        raise CodecError(f"{place} must be of type {getattr(kind, '__name__', kind)}")
    if kind is int and not -_MAX_INT <= cast(int, data) < 2 * _MAX_INT:
        raise CodecError(f"{place} is too large a number")
    if kind is float and not math.isfinite(cast(float, data)):
        raise CodecError(f"{place} is not a finite number")
    return data


def _decode_float(data: int, place: str) -> float:
    try:
        return float(data)
    except OverflowError:
        raise CodecError(f"{place} is too large a number") from None


def _decode_time(data: object, place: str) -> datetime:
    try:
        at = datetime.fromisoformat(str(data))
    except ValueError:
        raise CodecError(f"{place} is not a time (ISO 8601)") from None
    if at.tzinfo is None:
        raise CodecError(f"{place} is a time without its offset from UTC")
    if at.year not in YEARS:
        raise CodecError(f"{place} is a time out of range")
    return at


def _expect(data: object, kind: type[Model], place: str) -> Model:
    if not isinstance(data, kind):
        raise CodecError(f"{place} must be of type {kind.__name__}")
    return data
