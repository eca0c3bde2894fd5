"""Holds an answer against its schema, and against keys that the schema does not tell."""

import json
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from wizard.schema.find import SCHEMAS, schema_text

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_time_with_its_offset(text: object) -> bool:
    return not isinstance(text, str) or datetime.fromisoformat(text).tzinfo is not None


@cache
def published(command: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(schema_text(command))
    return schema


def assert_fits(command: str, answer: object) -> None:
    """Every key that is there is in the schema, every key that must be there is."""
    assert command in SCHEMAS
    validator = Draft202012Validator(_closed(published(command)), format_checker=_FORMATS)
    told = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(answer)]
    assert not told, "\n".join(told[:10])


def _closed(schema: Any) -> Any:
    """The schema with every object closed; a published one lets later versions add keys."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if isinstance(closed.get("properties"), dict) and "type" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
