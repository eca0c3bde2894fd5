"""The Debian mirror that this machine uses, and whether it still carries an older suite."""

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_ARCHIVE = os.environ.get("GONEAWAY_DEBIAN_ARCHIVE", "")
"""A mirror of releases that the machine's own one has dropped; empty: there is none."""

_GONE = (404, 410)
_SECONDS = 20.0


class NoTree(Exception):
    """A tree is not there and cannot be built; one line says why."""


class NoSuite(NoTree):
    """The mirror is there, but no longer (or not yet) carries the suite."""


def carrier(suite: str) -> str:
    """The machine's own mirror, or Debian's archive once that has `suite` instead.

    Raises NoSuite where both were asked and neither has it, NoTree without a mirror.
    """
    own = mirror()
    if _has(own, suite):
        return own
    try:
        if _ARCHIVE and _has(_ARCHIVE, suite):
            return _ARCHIVE
    except NoTree:
        pass  # the archive is only a second chance: the answer that counts is the mirror's
    raise NoSuite(f"{own} has no suite {suite}")


def _has(address: str, suite: str) -> bool:
    request = urllib.request.Request(f"{address}/dists/{suite}/Release", method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        if error.code in _GONE:
            return False
        raise NoTree(f"{address} answers {error.code}") from None
    except OSError as error:
        raise NoTree(f"{address} cannot be reached: {error}") from None


def mirror(apt: Path = Path("/etc/apt"), codename: str | None = None) -> str:
    """The address in apt's own sources. Raises NoTree."""
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
