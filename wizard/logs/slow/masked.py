"""A statement, or its shape, as it may be shown."""

import re

from wizard.safety.redact import mask_secrets
from wizard.safety.redact_sql import mask_statement
from wizard.safety.sanitize import sanitize

_LONGEST = 2000
_LEFT = re.compile(
    r"['\"“”„‘’‚«»´]|/\*(?!repeat union(?: all)?\*/)|--|\#|\$\w*\$|(?<!\w)\?[^\W\d_]{2}"
)
"""What begins a literal, a comment or a quoted name, of which a whole shape has no more."""


def masked_statement(text: str) -> str:
    """Without a literal, also where the statement was cut inside of one."""
    return sanitize(mask_statement(mask_secrets(text[:_LONGEST]).text.lstrip())[0])


def whole_shape(fingerprint: str) -> str:
    """A fingerprint without what a statement that was cut inside of a literal left in it.

    Of a whole statement every literal is taken out already, with its quotes.
    """
    if _LEFT.search(fingerprint) or fingerprint.count("`") % 2:
        return masked_statement(fingerprint)
    return fingerprint[:_LONGEST]
