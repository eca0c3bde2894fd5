"""Symbolic links below a root directory of its own, followed as the server in it would.

The kernel follows an absolute link from our root, not from the server's: what Debian makes of
/etc/mysql/my.cnf (a link to /etc/alternatives) would lead to this machine's own file.
"""

from collections.abc import Callable
from pathlib import Path

_MOST = 40
"""Links on one way; the kernel follows as many (path_resolution(7))."""

ReadLink = Callable[[Path], str | None]
"""The target of a link, None for whatever is no link."""


def readlink_here(path: Path) -> str | None:
    """A link of this machine."""
    try:
        return str(path.readlink())
    except (OSError, ValueError):
        return None


def real_in(root: Path, path: Path, readlink: ReadLink = readlink_here) -> Path:
    """`path`, which lies below `root`, without links; `path` itself where it goes in circles."""
    if root == Path("/") or not path.is_relative_to(root):
        return path
    waiting, at, left = list(path.relative_to(root).parts), root, _MOST
    while waiting:
        part = waiting.pop(0)
        if part == "..":
            at = at if at == root else at.parent
            continue
        target = readlink(at / part)
        if target is None:
            at = at / part
            continue
        if not (left := left - 1):
            return path
        to = Path(target)
        at = root if to.is_absolute() else at
        waiting = [*(to.parts[1:] if to.is_absolute() else to.parts), *waiting]
    return at
