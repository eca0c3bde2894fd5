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
from wizard.target.option_files import (
    MAX_DEPTH,
    MAX_FILE,
    MAX_FILES,
    OptionSet,
    OptionValue,
    under,
)


@dataclass(slots=True)
class Mirror:
    """The copy under `top`. `refused` tells what could not be brought, by path."""

    top: Path
    host: Host
    refused: dict[Path, str] = field(default_factory=dict)

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

    def bring(self, root: Path, starts: Sequence[Path]) -> None:
        """The files named, as the server with that root sees them, and all that they include."""
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
            found = self.host.read(path, 0, MAX_FILE)
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
            names = self.host.list_dir(directory)
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
        mirror = Mirror(Path(name), host)
        mirror.bring(root, starts)
        yield mirror


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
