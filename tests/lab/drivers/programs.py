"""How each driver's program is built, once, and started.

A program reads one job a line (its name, a tab, SQL) and answers `done` or `failed`; it takes
its target from `LAB_...` in its environment and appends to the log that `LAB_LOG` names.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.bench import NotHere

HERE = Path(__file__).parent
_BUILD_SECONDS = 300.0
_JARS = (
    "mariadb-java-client.jar",
    "HikariCP.jar",
    "slf4j-api.jar",
    "slf4j-simple.jar",
    "jna.jar",  # the connector reaches a Unix socket with it
    "jna-platform.jar",
)
_JAVA = Path("/usr/share/java")
_GO_SOURCES = Path("/usr/share/gocode")


@dataclass(frozen=True, slots=True)
class Program:
    """One driver's program: the command that starts it, what else it needs of its environment,
    and how many of its log's failures one failed job may be (a pool tells some of its own)."""

    name: str
    start: Callable[[], list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


def _built() -> Path:
    """Where what was built is kept, beside the trees with further servers."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "goneaway-wizard" / "lab-drivers"
    place.mkdir(parents=True, exist_ok=True)
    return place


def _installed(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NotHere(f"{program} is not installed")
    return found


def _build(command: list[str], directory: Path, **environment: str) -> None:
    done = subprocess.run(
        command,
        cwd=directory,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise NotHere(f"{command[0]}: {done.stderr.strip()[-200:]}")


def _is_older(built: Path, source: Path) -> bool:
    return not built.exists() or built.stat().st_mtime < source.stat().st_mtime


def _php(source: str) -> Callable[[], list[str]]:
    return lambda: [_installed("php"), str(HERE / source)]


def _node(source: str) -> Callable[[], list[str]]:
    def start() -> list[str]:
        node, npm = _installed("node"), _installed("npm")
        modules, wanted = _built() / "node", HERE / "package.json"
        if _is_older(modules / "package.json", wanted):
            modules.mkdir(exist_ok=True)
            words = ["install", "--no-package-lock", "--no-audit", "--no-fund"]
            shutil.copyfile(wanted, modules / "package.json")
            try:
                _build([npm, *words], modules)
            except NotHere:
                (modules / "package.json").unlink()
                raise
        return [node, str(shutil.copy(HERE / source, modules))]

    return start


def _java() -> list[str]:
    jars = [_JAVA / jar for jar in _JARS]
    for jar in jars:
        if not jar.exists():
            raise NotHere(f"{jar.name} is not installed")
    path = os.pathsep.join(map(str, jars))
    classes, source = _built() / "java", HERE / "Jobs.java"
    if _is_older(classes / "Jobs.class", source):
        _build([_installed("javac"), "-cp", path, "-d", str(classes), str(source)], HERE)
    settings = {
        "org.slf4j.simpleLogger.showDateTime": "true",
        "org.slf4j.simpleLogger.dateTimeFormat": "yyyy-MM-dd HH:mm:ss.SSS",
        "org.slf4j.simpleLogger.logFile": "System.err",
        "user.timezone": "UTC",
    }
    words = [f"-D{name}={value}" for name, value in settings.items()]
    return [_installed("java"), *words, "-cp", f"{classes}{os.pathsep}{path}", "Jobs"]


def _go() -> list[str]:
    program, source = _built() / "jobs-go", HERE / "jobs.go"
    if _is_older(program, source):
        if not (_GO_SOURCES / "src/github.com/go-sql-driver/mysql").is_dir():
            raise NotHere("go-sql-driver is not installed")
        words = ["build", "-o", str(program), str(source)]
        _build([_installed("go"), *words], HERE, GO111MODULE="off", GOPATH=str(_GO_SOURCES))
    return [str(program)]


def _perl(driver: str) -> Callable[[], list[str]]:
    return lambda: [_installed("perl"), str(HERE / "jobs.pl"), driver]


def _ruby() -> list[str]:
    return [_installed("ruby"), str(HERE / "jobs.rb")]


def _mysqlclient() -> list[str]:
    """The distribution's Python: its mysqlclient is built against libmariadb."""
    return ["/usr/bin/python3", str(HERE / "jobs_mysqlclient.py")]


PROGRAMS = {
    program.name: program
    for program in (
        Program("php-pdo", _php("php_pdo.php")),
        Program("php-mysqli", _php("php_mysqli.php")),
        Program("node-mysql2", _node("node_mysql2.cjs")),
        Program("node-mariadb", _node("node_mariadb.cjs")),
        Program("java-hikari", _java),
        Program("go", _go),
        Program("perl-mysql", _perl("mysql")),
        Program("perl-mariadb", _perl("MariaDB")),
        Program("ruby", _ruby),
        Program("mysqlclient", _mysqlclient),
    )
}
