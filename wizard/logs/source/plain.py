"""Answers as plain JSON and back again, by the types that the dataclasses declare.

What comes from a host is data: nothing of it is executed, every text passes `sanitize`, and what
has not the declared form is refused.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from itertools import accumulate
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.safety.sanitize import sanitize


@cache
def _known(kind: str) -> dict[str, Signature]:
    return {signature.id: signature for signature in signatures(kind)}


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def from_plain(kind: Any, plain: Any) -> Any:
    """The value of type `kind` that to_plain made `plain` of. Raises ValueError."""
    if kind is Any or kind is type(None):
        return None
    if get_origin(kind) in (Union, UnionType):
        return _optional(kind, plain)
    if isinstance(kind, type) and kind is not Signature and is_dataclass(kind):
        return _record(kind, plain)
    if get_origin(kind) is not None:
        return _collection(get_origin(kind), get_args(kind), plain)
    return _single(kind, plain)


def _optional(kind: Any, plain: Any) -> Any:
    """A union here is one type or nothing, or both kinds of number."""
    if plain is None:
        return None
    (inner, *_) = [each for each in get_args(kind) if each is not type(None)]
    return from_plain(inner, plain)


def _record(kind: Any, plain: Any) -> Any:
    hints = _hints(kind)
    names = [each.name for each in fields(kind) if each.init]
    if not isinstance(plain, list) or len(plain) != len(names):
        raise ValueError(f"no {kind.__name__}")
    return kind(**{n: from_plain(hints[n], each) for n, each in zip(names, plain, strict=True)})


def _table(kind: Any, plain: Any) -> list[Any]:
    """Records of one kind, whose fields came as columns."""
    if not isinstance(kind, type) or not is_dataclass(kind):
        raise ValueError(f"no table of {kind}")
    hints, names = _hints(kind), [each.name for each in fields(kind) if each.init]
    columns = [
        _column(hints[name], column) for name, column in zip(names, plain["columns"], strict=True)
    ]
    return [kind(*values) for values in zip(*columns, strict=True)]


def _column(kind: Any, values: Any) -> list[Any]:
    if not isinstance(values, list):
        raise ValueError("no column")
    if kind is str:
        known = {value: from_plain(str, value) for value in set(values)}
        return [known[value] for value in values]
    return [from_plain(kind, value) for value in values]


def _collection(kind: Any, inner: tuple[Any, ...], plain: Any) -> Any:
    if kind is Sequence:
        kind, inner = tuple, (*inner, ...)
    if isinstance(plain, dict) and kind in (tuple, list):
        return kind(_table(inner[0], plain))
    if not isinstance(plain, list):
        raise ValueError("no list")
    if kind is tuple and inner[-1] is not Ellipsis:
        pairs = zip(inner, plain, strict=True)
        return tuple(from_plain(each, value) for each, value in pairs)
    if kind in (tuple, list, frozenset):
        return kind(from_plain(inner[0], value) for value in plain)
    if kind is Counter and inner[0] is int and plain:
        steps, numbers = (from_plain(list[int], column) for column in plain)
        return Counter(dict(zip(accumulate(steps), numbers, strict=True)))
    if kind is Counter:
        return Counter({from_plain(inner[0], k): from_plain(int, n) for k, n in plain})
    if kind in (dict, Mapping):
        return {from_plain(inner[0], k): from_plain(inner[1], v) for k, v in plain}
    raise ValueError(f"no {kind}")


def _single(kind: Any, plain: Any) -> Any:
    if kind is float and isinstance(plain, int | float):
        return float(plain)
    if kind is timedelta and isinstance(plain, int | float):
        return timedelta(seconds=plain)
    if kind in (int, bool) and isinstance(plain, int):
        return kind(plain)
    if not isinstance(plain, str):
        raise ValueError(f"no {kind}")
    if kind is str:
        return sanitize(plain)
    if kind is datetime:
        return datetime.fromisoformat(plain)
    if kind is Signature:
        known = _known("error-log").get(plain)
        if known is None:
            raise ValueError("no known signature")
        return known
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    raise ValueError(f"no {kind}")
