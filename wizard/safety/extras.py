"""How a part that is not installed by default is added to this very installation."""

import re
import shlex
import sys
from importlib import metadata

_NAME = "goneaway-wizard"


def install_command(extra: str) -> str:
    """What the operator runs. It names what the extra brings, and not the wizard itself, which
    may have been installed from a checkout: no index need know it."""
    wanted = " ".join(shlex.quote(need) for need in _needs(extra)) or f"'{_NAME}[{extra}]'"
    return f"{shlex.quote(sys.executable)} -m pip install {wanted}"


def _needs(extra: str) -> list[str]:
    try:
        told = metadata.requires(_NAME) or []
    except metadata.PackageNotFoundError:
        return []
    of_extra = re.compile(rf"""\bextra\s*==\s*["']{re.escape(extra)}["']""")
    return [line.partition(";")[0].strip() for line in told if of_extra.search(line)]
