"""An answer as plain JSON can hold it: records as lists of their fields, tables as pairs.

Many records of one kind are a table of columns.
"""

from collections import Counter, deque
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from knowledge.model import Signature
from wizard.logs.error.line_events import LineEvents


def to_plain(value: Any) -> Any:
    """`value` as `plain.from_plain` takes it back. A signature goes by its name."""
    if isinstance(value, Signature):
        return value.id
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Counter) and value and all(isinstance(key, int) for key in value):
        return _columns(value)
    if isinstance(value, dict):
        return [[to_plain(k), to_plain(v)] for k, v in value.items()]
    if isinstance(value, LineEvents):
        value = tuple(value)
    if isinstance(value, frozenset):
        return sorted(to_plain(each) for each in value)
    if _is_table(value):
        return {"columns": _transposed(value)}
    if isinstance(value, tuple | list | deque):
        return [to_plain(each) for each in value]
    if is_dataclass(value):
        return [to_plain(getattr(value, each.name)) for each in fields(value)]
    raise TypeError(type(value).__name__)


def _is_table(value: Any) -> bool:
    """Whether it holds records of one kind; a single one is no shorter as a table."""
    if not isinstance(value, tuple | list | deque) or len(value) < 2:
        return False
    kind = type(value[0])
    if kind is Signature or not is_dataclass(kind):
        return False
    return all(type(each) is kind for each in value)


def _transposed(records: Any) -> list[list[Any]]:
    """Field by field: like stands beside like, which packs to half."""
    return [
        [to_plain(getattr(record, each.name)) for record in records] for each in fields(records[0])
    ]


def _columns(cells: Counter[int]) -> list[list[int]]:
    """By rising key: the steps from key to key, and the counts. That packs to a fifth."""
    keys = sorted(cells)
    return [
        [key - before for before, key in zip([0, *keys], keys, strict=False)],
        [cells[key] for key in keys],
    ]
