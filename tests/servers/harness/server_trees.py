"""Debian trees that hold the servers which this machine's own release has not.

`python -m tests.servers.harness.server_trees` builds those that are missing, about a minute
each; it needs root, debootstrap and a Debian mirror. Servers run inside them by chroot(8).
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.servers.harness.debian_mirror import NoTree, carrier
from wizard.demo.binaries import Flavor, NoServerInstalled, ServerBinary, find_server, identify

_SYSTEM_WIDE = Path("/var/cache/goneaway-wizard")
_BUILD_SECONDS = 1200.0
_VERSION_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Product:
    """A server that tests run on. `series` begins its version; `suite` is the Debian release
    whose `packages` hold it."""

    name: str
    flavor: Flavor
    series: str
    suite: str
    packages: tuple[str, ...]

    @property
    def program(self) -> Path:
        return Path("/usr/sbin", "mysqld" if self.flavor is Flavor.MYSQL else "mariadbd")

    @property
    def directory(self) -> str:
        return f"{self.flavor}-{self.suite}"


def _mariadb(name: str, series: str, suite: str, suffix: str = "") -> Product:
    packages = tuple(f"mariadb-{part}-core{suffix}" for part in ("server", "client"))
    return Product(name, Flavor.MARIADB, series, suite, packages)


PRODUCTS = {
    p.name: p
    for p in (
        _mariadb("mariadb", "10.11", "bookworm"),
        Product("mysql", Flavor.MYSQL, "9", "sid", ("mysql-server-core", "mysql-client-core")),
        _mariadb("mariadb-10.5", "10.5", "bullseye", "-10.5"),
        _mariadb("mariadb-11.8", "11.8", "trixie"),
    )
}


def find(product: Product, environment: dict[str, str]) -> ServerBinary:
    """The machine's own program where it is of this series, else one in a tree, built now if
    need be. Raises NoTree, NoServer."""
    try:
        own = find_server((product.program.name,))
    except NoServerInstalled:
        own = None
    if own is not None and own.flavor is product.flavor and _is_of(product, own):
        return own
    return identify(product.program, tree(product, environment))


def places(product: Product, environment: dict[str, str]) -> tuple[Path, ...]:
    """Where the tree may lie; the first is where it is built.

    `GONEAWAY_MYSQL_TREE` or `GONEAWAY_MARIADB_10_5_TREE` names another place.
    """
    variable = re.sub(r"\W", "_", f"GONEAWAY_{product.name}_TREE").upper()
    if named := environment.get(variable):
        return (Path(named),)
    home = Path(environment.get("HOME") or "/root")
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    return (cache / "goneaway-wizard" / product.directory, _SYSTEM_WIDE / product.directory)


def tree(product: Product, environment: dict[str, str]) -> Path:
    """A tree with the server in it, built now if need be. Raises NoTree."""
    for place in places(product, environment):
        if _program(product, place).exists():
            return place
    place = places(product, environment)[0]
    _build(product, place)
    return place


def _program(product: Product, place: Path) -> Path:
    return place / product.program.relative_to("/")


def _is_of(product: Product, binary: ServerBinary) -> bool:
    """Whether the program says that it is of the product's series."""
    return re.search(rf"\bVer {re.escape(product.series)}\.", _says(binary)) is not None


def _says(binary: ServerBinary) -> str:
    done = subprocess.run(
        binary.command(binary.path, "--no-defaults", "--version"),
        capture_output=True,
        text=True,
        timeout=_VERSION_SECONDS,
        check=False,
    )
    return done.stdout


def _build(product: Product, place: Path) -> None:
    """One builder at a time; a tree has its name only once its server has said its version."""
    if os.geteuid() != 0:
        raise NoTree(f"the tree with {product.name} is built and entered as root only")
    if shutil.which("debootstrap") is None:
        raise NoTree("debootstrap is not installed (make setup)")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _program(product, place).exists():
            return
        half_built = place.with_name(f"{place.name}.partial")
        shutil.rmtree(half_built, ignore_errors=True)
        _debootstrap(product, half_built)
        if not _is_of(product, ServerBinary(product.flavor, product.program, half_built)):
            raise NoTree(f"{product.suite} holds no {product.flavor} {product.series}")
        half_built.rename(place)


def _debootstrap(product: Product, directory: Path) -> None:
    include = ",".join(product.packages)
    command = ["debootstrap", "--variant=minbase", f"--include={include}", product.suite]
    log = directory.with_name(f"{directory.name}.log")
    address = carrier(product.suite)
    try:
        with log.open("wb") as output:
            subprocess.run(
                [*command, str(directory), address],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=_BUILD_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoTree(f"debootstrap failed: {error}; see {log}") from None


def _prepared(product: Product) -> str:
    """Empty, or why the product cannot be had."""
    try:
        binary = find(product, dict(os.environ))
    except (NoTree, NoServerInstalled) as reason:
        return f"no {product.name}: {reason}"
    print(f"{product.name}: {binary.root / binary.path.relative_to('/')}", flush=True)
    return ""


if __name__ == "__main__":
    with ThreadPoolExecutor(max_workers=2) as builders:
        sys.exit("\n".join(filter(None, builders.map(_prepared, PRODUCTS.values()))) or 0)
