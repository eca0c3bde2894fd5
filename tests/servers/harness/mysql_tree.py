"""A Debian tree that holds MySQL, for machines whose own release has MariaDB only.

`python -m tests.servers.harness.mysql_tree` builds it, which takes a minute or two and needs
root, debootstrap and a Debian mirror. Servers run inside it by chroot(8).
"""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_SUITE = "sid"
_PACKAGES = "mysql-server-core,mysql-client-core"
_SERVER = Path("usr/sbin/mysqld")
_SYSTEM_WIDE = Path("/var/cache/goneaway-wizard/mysql-sid")
_BUILD_SECONDS = 1200.0


class NoTree(Exception):
    """The tree is not there and cannot be built; one line says why."""


def places(environment: dict[str, str]) -> tuple[Path, ...]:
    """Where the tree may lie; the first is where it is built."""
    if named := environment.get("GONEAWAY_MYSQL_TREE"):
        return (Path(named),)
    home = Path(environment.get("HOME") or "/root")
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    return (cache / "goneaway-wizard" / "mysql-sid", _SYSTEM_WIDE)


def tree(environment: dict[str, str]) -> Path:
    """A tree with a server in it, built now if need be. Raises NoTree."""
    for place in places(environment):
        if (place / _SERVER).exists():
            return place
    place = places(environment)[0]
    _build(place)
    return place


def _build(place: Path) -> None:
    if os.geteuid() != 0:
        raise NoTree("MySQL's tree is built and entered as root only")
    if shutil.which("debootstrap") is None:
        raise NoTree("debootstrap is not installed (make setup)")
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (place / _SERVER).exists():
            return
        half_built = place.with_suffix(".partial")
        shutil.rmtree(half_built, ignore_errors=True)
        _debootstrap(half_built)
        half_built.rename(place)


def _debootstrap(directory: Path) -> None:
    command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE]
    log = directory.with_suffix(".log")
    try:
        with log.open("wb") as output:
            subprocess.run(
                [*command, str(directory), mirror()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                timeout=_BUILD_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoTree(f"debootstrap failed: {error}; see {log}") from None


def mirror(apt: Path = Path("/etc/apt"), codename: str | None = None) -> str:
    """The Debian mirror that this machine itself uses. Raises NoTree."""
    suite = codename or _codename()
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for file in files:
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        entries = _deb822(text) if file.suffix == ".sources" else _one_line(text)
        for address, suites in entries:
            if suite in suites:
                return address
    raise NoTree(f"apt's sources name no mirror for {suite}")


def _codename() -> str:
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    found = re.search(r"^VERSION_CODENAME=(\w+)$", release, re.MULTILINE)
    if found is None or not re.search(r"^ID=debian$", release, re.MULTILINE):
        raise NoTree("this is not a Debian release")
    return found.group(1)


def _deb822(text: str) -> Iterator[tuple[str, list[str]]]:
    """Stanzas of `Name: value` (sources.list(5), "DEB822-STYLE FORMAT")."""
    for stanza in re.split(r"\n\s*\n", text):
        fields = {}
        for line in stanza.splitlines():
            name, separator, value = line.partition(":")
            if separator and not line.startswith(("#", " ", "\t")):
                fields[name.strip().lower()] = value.split()
        if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
            for address in fields.get("uris", []):
                yield address, fields.get("suites", [])


def _one_line(text: str) -> Iterator[tuple[str, list[str]]]:
    """`deb [options] address suite components` (sources.list(5), "ONE-LINE-STYLE FORMAT")."""
    for line in text.splitlines():
        found = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", line)
        if found:
            yield found.group(1), [found.group(2)]


if __name__ == "__main__":
    try:
        print(tree(dict(os.environ)))
    except NoTree as reason:
        sys.exit(f"no MySQL tree: {reason}")
