"""Bare Debian trees: what debootstrap's minbase has, and Python; no pip, and no network.

A command runs in namespaces of its own, above a layer that takes whatever it writes: overlayfs,
Linux' Documentation/filesystems/overlayfs.rst. Needs root, debootstrap and a Debian mirror.
"""

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.harness.debian_mirror import NoTree, carrier

BUILD_SECONDS = 1200.0
OPERATOR = 4711
"""An account of no name and no privileges."""


def bare_tree(suite: str) -> Path:
    """The tree, built now if need be. Raises NoTree."""
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise NoTree("a tree is built as root, with debootstrap")
    home = Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache")
    place = home / "goneaway-wizard" / f"bare-{suite}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if place.exists():
            return place
        half_built = place.with_name(f"{place.name}.partial")
        shutil.rmtree(half_built, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", "--include=python3", suite]
        try:
            subprocess.run(
                [*command, str(half_built), carrier(suite)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=BUILD_SECONDS,
                check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise NoTree(f"debootstrap failed: {error}") from None
        half_built.rename(place)
    return place


@dataclass(frozen=True, slots=True)
class BareMachine:
    """One run of a tree: `layer` takes what is written, and is told at the end."""

    tree: Path
    layer: Path
    user: int = 0

    @property
    def home(self) -> str:
        return "/root" if self.user == 0 else "/home/operator"

    def command(self, *words: str) -> list[str]:
        """`words` as an argument vector for this machine."""
        inside = ["env", "-i", f"HOME={self.home}", "LOGNAME=operator", "PATH=/usr/bin:/bin",
                  "LANG=C.UTF-8", "TERM=xterm-256color"]  # fmt: skip
        return [
            "unshare", "--mount", "--net", "--pid", "--fork", "--propagation", "private",
            "sh", "-ec", _ENTER, "enter", str(self.tree), str(self.layer), self.home,
            str(self.user), *inside, *words,
        ]  # fmt: skip

    def run(self, *words: str, seconds: float = 300.0) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip

    def bring(self, file: Path, to: str) -> None:
        """As scp would: the file lies there and belongs to the account."""
        place = self.layer / "upper" / to.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
        os.chown(place, self.user, self.user)

    def written(self) -> set[str]:
        """Every file that is new or changed, but what was brought, by its path in the tree."""
        upper = self.layer / "upper"
        return {f"/{path.relative_to(upper)}" for path in upper.rglob("*") if not path.is_dir()}


_ENTER = """
tree=$1 layer=$2 home=$3 user=$4; shift 4
mkdir -p "$layer/upper$home" "$layer/work" "$layer/root"
chown "$user:$user" "$layer/upper$home"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
mount -t proc proc "$layer/root/proc"
mount --rbind /dev "$layer/root/dev"
ip link set lo up
exec chroot --userspec="$user:$user" "$layer/root" "$@"
"""
