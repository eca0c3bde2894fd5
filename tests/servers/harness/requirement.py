"""What a test needs of the machine, and what happens where the machine has it not."""

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip with the reason; where CI=true fail instead, so that a gap is never a green run."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"needed here: {reason}")
    pytest.skip(reason)
