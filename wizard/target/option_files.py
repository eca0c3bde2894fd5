"""Option files, read as the MySQL and MariaDB programs read them.

Rules: MySQL Reference Manual, "Using Option Files"; MariaDB, "Configuring MariaDB with Option
Files". Where the manuals are silent, `my_print_defaults` is the measure.
"""

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.given_file import Say, read_given, unheard
from wizard.target.links import real_in
from wizard.target.option_lines import option_in

MAX_FILE = 1 << 20
"""Bytes read of one option file."""

MAX_DEPTH = 10
"""Nested includes that are followed, as in the server."""

MAX_FILES = 500
"""Files read in all: directories that include one another multiply."""

MOST_REMARKS = 20
"""Lines about what was ignored: a file that is none of text has one for each of its lines."""

# The compiled-in SYSCONFDIR differs by package: Debian has /etc/mysql, Oracle's packages
# /usr/etc, the generic tarball /usr/local/mysql/etc.
SYSTEM_FILES = (
    Path("/etc/my.cnf"),
    Path("/etc/mysql/my.cnf"),
    Path("/usr/etc/my.cnf"),
    Path("/usr/local/mysql/etc/my.cnf"),
)

CLIENT_GROUPS = ("client", "mysql", "client-server", "client-mariadb", "mariadb-client")


@dataclass(frozen=True, slots=True)
class OptionValue:
    """One option as it stands in force. `value` is None where the file gives only the name."""

    value: str | None = field(repr=False)
    path: Path
    line: int
    group: str


@dataclass(frozen=True, slots=True)
class OptionSet:
    """What the option files say. `options` is keyed by the name with underscores; the last
    one read wins. `directories` are those that an `!includedir` names; `remarks` say in one
    line each what was ignored, and why."""

    options: Mapping[str, OptionValue]
    files: tuple[Path, ...] = ()
    directories: tuple[Path, ...] = ()
    remarks: tuple[str, ...] = ()

    def text(self, name: str) -> str | None:
        """The option's value, or None where it is not set."""
        option = self.options.get(name)
        return None if option is None else option.value

    def where(self, name: str) -> str:
        """`path:line` of the option in force, or an empty string."""
        option = self.options.get(name)
        return "" if option is None else f"{option.path}:{option.line}"


def search_path(
    environ: Mapping[str, str] = os.environ,
    home: Path | None = None,
    defaults_file: Path | None = None,
    extra_file: Path | None = None,
) -> tuple[Path, ...]:
    """The option files of a client, in the order in which they are read."""
    if defaults_file is not None:
        return (defaults_file,)
    variable = environ.get("MARIADB_HOME") or environ.get("MYSQL_HOME")
    places = [*SYSTEM_FILES]
    if variable:
        places.append(Path(variable) / "my.cnf")
    if extra_file is not None:
        places.append(extra_file)
    own_home = environ.get("HOME") if home is None else str(home)
    if own_home:
        places.append(Path(own_home) / ".my.cnf")
    return tuple(places)


def client_options(
    paths: Sequence[Path], suffix: str = "", named: Collection[Path] = (), say: Say = unheard
) -> OptionSet:
    """What the mysql and mariadb command-line clients would take from `paths`.

    Those that were `named` may be a pipe, as the shell's `<(command)` is; `say` is told of a wait.
    """
    return read_options(paths, with_suffix(CLIENT_GROUPS, suffix), named=named, say=say)


def server_groups(flavor: str, version: tuple[int, int] | None = None) -> tuple[str, ...]:
    """The groups that a server reads. `flavor` is `mariadb`, `mysql` or `percona`."""
    names = ["mysqld", "server"]
    if flavor == "mariadb":
        names += ["mariadb", "mariadbd", "client-server", "galera"]
    if version is not None:
        series = f"{version[0]}.{version[1]}"
        names += [f"{name}-{series}" for name in names if name in _WITH_SERIES]
    return tuple(names)


_WITH_SERIES = frozenset({"mysqld", "mariadb", "mariadbd"})


def server_options(
    flavor: str,
    version: tuple[int, int] | None = None,
    defaults_file: Path | None = None,
    extra_file: Path | None = None,
    suffix: str = "",
    root: Path = Path("/"),
) -> OptionSet:
    """What a server on this machine would take from its option files, and from which line.

    `root` is the server's own file system root (`/proc/PID/root` of a container); the paths
    in the result lie under it. The account's own `~/.my.cnf` is left out: a server that a
    service manager starts has another home.
    """
    paths = (defaults_file,) if defaults_file else (*SYSTEM_FILES, *filter(None, [extra_file]))
    groups = with_suffix(server_groups(flavor, version), suffix)
    return read_options(tuple(under(root, path) for path in paths), groups, root)


def with_suffix(groups: Sequence[str], suffix: str) -> tuple[str, ...]:
    """`groups`, and each of them with `--defaults-group-suffix` appended."""
    return (*groups, *(name + suffix for name in groups)) if suffix else tuple(groups)


def under(root: Path, path: Path) -> Path:
    """`path` as seen from outside a file system whose root is `root`."""
    return root / path.relative_to("/") if root != Path("/") and path.is_absolute() else path


def read_options(
    paths: Sequence[Path],
    groups: Sequence[str],
    root: Path = Path("/"),
    named: Collection[Path] = (),
    say: Say = unheard,
) -> OptionSet:
    """The options of `groups` in `paths`, in file order. Missing files are passed over."""
    reader = _Reader(frozenset(groups), root, named, say)
    for path in paths:
        reader.read_file(path, 0)
    return reader.result()


def parse_options(text: str, groups: Sequence[str], path: Path) -> OptionSet:
    """The options of `groups` in a text that was read from `path`."""
    reader = _Reader(frozenset(groups), Path("/"))
    reader.read_text(text, path, MAX_DEPTH)
    return reader.result()


_piped: dict[tuple[Path, int], bytes] = {}
"""What came out of each pipe: it tells it once, and the files are read more than once."""


def _of_pipe(path: Path, say: Say) -> bytes:
    key = (path, path.stat().st_ino)
    if key not in _piped:
        _piped[key] = read_given(path, MAX_FILE, say)
    return _piped[key]


class _Reader:
    """Gathers options while it walks through files and includes."""

    def __init__(
        self,
        groups: frozenset[str],
        root: Path,
        named: Collection[Path] = (),
        say: Say = unheard,
    ) -> None:
        self._groups, self._root, self._named, self._say = groups, root, named, say
        self._options: dict[str, OptionValue] = {}
        self._files: list[Path] = []
        self._directories: list[Path] = []
        self._remarks: list[str] = []

    def result(self) -> OptionSet:
        return OptionSet(
            MappingProxyType(self._options),
            tuple(dict.fromkeys(self._files)),
            tuple(self._directories),
            tuple(self._remarks),
        )

    def _remark(self, text: str) -> None:
        if text not in self._remarks and len(self._remarks) < MOST_REMARKS:
            self._remarks.append(sanitize(text))

    def read_file(self, path: Path, depth: int) -> None:
        try:
            real = real_in(self._root, path)
            mode = real.stat().st_mode
            if stat.S_ISDIR(mode) or (path in self._named and path == Path(os.devnull)):
                return
            piped = stat.S_ISFIFO(mode) and path in self._named
            if not stat.S_ISREG(mode) and not piped:
                self._remark(f"{path} is ignored: it is no regular file")
                return
            if mode & stat.S_IWOTH and not piped:
                self._remark(f"{path} is ignored: everyone may write to it")
                return
            if len(self._files) >= MAX_FILES:
                self._remark(f"more than {MAX_FILES} option files, the rest is not read")
                return
            raw = _of_pipe(real, self._say) if piped else read_given(real, MAX_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            told = f"{path} is not read: {error.strerror}"
            if path in self._named:
                # Without it another server would be meant.
                raise UsageError(f"the option file {sanitize(told)}") from None
            self._remark(told)
            return
        except ValueError:
            self._remark(f"{str(path)!r} is no path")
            return
        self._files.append(path)
        self.read_text(raw.decode("utf-8", "surrogateescape"), path, depth)

    def read_text(self, text: str, path: Path, depth: int) -> None:
        if "\0" in text:
            number = text.count("\n", 0, text.index("\0")) + 1
            self._remark(f"{path}:{number} holds a NUL byte: is the file UTF-16, or damaged?")
        group: str | None = None
        for number, raw in enumerate(text.split("\n"), 1):
            line = raw.lstrip(" \t\r\v\f")
            if not line or line[0] in "#;":
                continue
            if line[0] == "!":
                self._directive(line[1:].strip(), path, number, depth)
            elif line[0] == "[":
                name, bracket, _ = line[1:].partition("]")
                if not bracket:
                    self._remark(f"{path}:{number} is no group, the rest is not read")
                    return
                group = name.rstrip()
            elif group is None:
                self._remark(f"{path}:{number} stands before any group")
            elif group in self._groups:
                name, value = option_in(line)
                # A later value takes the later place, as in the list the server builds.
                self._options.pop(name, None)
                self._options[name] = OptionValue(value, path, number, group)

    def _directive(self, text: str, path: Path, number: int, depth: int) -> None:
        word, _, argument = text.partition(" ") if " " in text else text.partition("\t")
        place = Path(argument.strip()) if argument.strip() else None
        if word not in ("include", "includedir") or place is None:
            self._remark(f"{path}:{number} is no include, it is ignored")
        elif depth >= MAX_DEPTH:
            self._remark(f"{path}:{number} is ignored: includes are nested too deep")
        elif word == "include":
            self.read_file(under(self._root, place), depth + 1)
        else:
            self._directory(under(self._root, place), path, number, depth)

    def _directory(self, place: Path, path: Path, number: int, depth: int) -> None:
        try:
            real = real_in(self._root, place)
            names = sorted(os.fsencode(entry.name) for entry in real.iterdir())
        except OSError as error:
            self._remark(f"{path}:{number}: {place} is not read: {error.strerror}")
            return
        except ValueError:
            self._remark(f"{path}:{number} names no path")
            return
        if place not in self._directories:
            self._directories.append(place)
        for name in names:
            if name.endswith(b".cnf"):
                self.read_file(place / os.fsdecode(name), depth + 1)
