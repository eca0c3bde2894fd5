"""Finds a server program that is installed on this machine."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from wizard.safety.errors import WizardError
from wizard.safety.system_words import in_words

_NAMES = ("mariadbd", "mysqld")
_SYSTEM_DIRECTORIES = ("/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/usr/local/mysql/bin")
_TIMEOUT = 20.0


class NoServerInstalled(WizardError):
    """No server program is installed, or the one found cannot run; one line says which."""


class Flavor(StrEnum):
    MARIADB = "mariadb"
    MYSQL = "mysql"


@dataclass(frozen=True, slots=True)
class ServerBinary:
    """A server program. `path` is as seen inside `root`, the tree to chroot into."""

    flavor: Flavor
    path: Path
    root: Path = Path("/")

    def command(self, program: Path | str, *arguments: str) -> list[str]:
        """`program` of the same tree as an argument vector for this machine."""
        inside = [str(program), *arguments]
        return inside if self.root == Path("/") else ["chroot", str(self.root), *inside]

    def inside(self, path: Path) -> Path:
        """The path by which the server knows a file of this machine."""
        return path if self.root == Path("/") else Path("/") / path.relative_to(self.root)


def find_server(names: Iterable[str] = _NAMES) -> ServerBinary:
    """The first server program on PATH or in the system's directories, MariaDB first.

    Raises NoServer.
    """
    places = os.pathsep.join((os.environ.get("PATH", ""), *_SYSTEM_DIRECTORIES))
    for name in names:
        if found := shutil.which(name, path=places):
            return identify(Path(found))
    raise NoServerInstalled("no mariadbd or mysqld is installed here")


def identify(path: Path, root: Path = Path("/")) -> ServerBinary:
    """Ask the program itself: MariaDB's packages also install it as `mysqld`.

    Raises NoServer where it does not answer `--version`.
    """
    unknown = ServerBinary(Flavor.MYSQL, path, root)
    try:
        answer = subprocess.run(
            unknown.command(path, "--no-defaults", "--version"),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoServerInstalled(f"{path} does not run: {in_words(str(error))}") from None
    flavor = Flavor.MARIADB if "mariadb" in answer.stdout.lower() else Flavor.MYSQL
    return ServerBinary(flavor, path, root)
