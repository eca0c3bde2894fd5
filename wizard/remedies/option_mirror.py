"""A copy of another machine's option files, while it is seen where a line wins.

The rules by which a server reads its files stand once, for files on this machine; so those of
another one are brought into a private directory, laid out as they lie there.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from wizard.hosts.protocol import File, Host, HostError, NotFound, Prefetch
from wizard.remedies.as_root import as_root_where_possible
from wizard.target.links import real_in
from wizard.target.option_files import (
    MAX_DEPTH,
    MAX_FILE,
    MAX_FILES,
    OptionSet,
    OptionValue,
    under,
)

_LINK_TIME = 20.0
_READLINK = ("sh", "-c", 'readlink -- "$1" || true', "sh")
"""Whatever is no link is no failure: sudo's own words would be looked for in it."""


@dataclass(slots=True)
class Mirror:
    """The copy under `top` of files as a server sees them whose root directory is `root`.
    `refused` tells what could not be brought, by path; `links` are those that were looked at."""

    top: Path
    host: Host
    root: Path = Path("/")
    refused: dict[Path, str] = field(default_factory=dict)
    links: dict[Path, str | None] = field(default_factory=dict)

    def content(self, path: Path) -> bytes | None:
        """What was brought of a file; None where there is none."""
        try:
            return under(self.top, path).read_bytes()
        except OSError:
            return None

    def names(self, directory: Path) -> list[str]:
        """The option files that were brought of a directory."""
        try:
            return [p.name for p in under(self.top, directory).iterdir()]
        except OSError:
            return []

    def real(self, path: Path) -> Path:
        """Where the server's own links lead to."""
        return real_in(self.root, path, self._readlink)

    def _readlink(self, path: Path) -> str | None:
        if path not in self.links:
            self.links[path] = _link_there(self.host, path)
        return self.links[path]

    def bring(self, starts: Sequence[Path]) -> None:
        """The files named, and all that they include."""
        root = self.root
        waiting = [(under(root, path), 0) for path in starts]
        seen: set[Path] = set()
        while waiting and len(seen) < MAX_FILES:
            path, depth = waiting.pop(0)
            if path in seen or depth > MAX_DEPTH:
                continue
            seen.add(path)
            for kind, place in _includes(self._brought(path)):
                there = under(root, place)
                if kind == "include":
                    waiting.append((there, depth + 1))
                else:
                    waiting += [(found, depth + 1) for found in self._listed(there)]

    def _brought(self, path: Path) -> bytes:
        try:
            found = self.host.read(self.real(path), 0, MAX_FILE)
        except NotFound:
            return b""
        except HostError as error:
            self.refused[path] = str(error)
            return b""
        copy = under(self.top, path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(found)
        return found

    def _listed(self, directory: Path) -> list[Path]:
        try:
            names = self.host.list_dir(self.real(directory))
        except HostError as error:
            if not isinstance(error, NotFound):
                self.refused[directory] = str(error)
            return []
        under(self.top, directory).mkdir(parents=True, exist_ok=True)
        kept = [directory / name for name in names if name.endswith(".cnf")]
        self.host.bring(Prefetch(files=tuple(File(str(p), MAX_FILE) for p in kept[:50])))
        return kept


@contextmanager
def mirrored(host: Host, root: Path, starts: Sequence[Path]) -> Iterator[Mirror]:
    """Raises HostError only where the connection breaks."""
    with TemporaryDirectory(prefix="goneaway-wizard-") as name:
        mirror = Mirror(Path(name), host, root)
        mirror.bring(starts)
        yield mirror


def _link_there(host: Host, path: Path) -> str | None:
    """As root where that can be: what may not be looked at would count as no link."""
    done = as_root_where_possible(host, (*_READLINK, str(path)), _LINK_TIME)
    return done.stdout.removesuffix("\n") or None


def as_there(options: OptionSet, top: Path) -> OptionSet:
    """What was read from the copy, with the paths of the other machine."""

    def real(path: Path) -> Path:
        return Path("/") / path.relative_to(top) if path.is_relative_to(top) else path

    values = {name: _moved(value, real(value.path)) for name, value in options.options.items()}
    return OptionSet(
        values,
        tuple(map(real, options.files)),
        tuple(map(real, options.directories)),
        options.remarks,
    )


def _moved(value: OptionValue, path: Path) -> OptionValue:
    return replace(value, path=path)


def _includes(content: bytes) -> Iterator[tuple[str, Path]]:
    for raw in content.decode("utf-8", "surrogateescape").split("\n"):
        words = raw.strip().split(None, 1)
        if len(words) == 2 and words[0] in ("!include", "!includedir"):
            yield words[0][1:], Path(words[1].strip())
