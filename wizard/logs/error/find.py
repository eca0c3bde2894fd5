"""Where the server's error log is, and in words how that was found out.

The log that the operator named wins; then what the server itself says (`@@log_error`), its
command line, the option files, the well-known paths and the service's journal. A path that
belongs to another server of the same machine is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from wizard.case import facts
from wizard.case.case import Case
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import Host, HostError, ServerProcess
from wizard.hosts.server_process import argument, process_for, speak_of
from wizard.logs.error.container import (
    KUBERNETES_LOGS,
    STREAMS,
    Container,
    container_of,
    ended_container,
    followed,
    runtime_files,
    unit_of,
)
from wizard.logs.error.places import (
    ContainerLog,
    ErrorTable,
    Found,
    LogPath,
    LogPlace,
    SystemdJournal,
)
from wizard.logs.error.usual_files import usual_files
from wizard.safety.sanitize import sanitize
from wizard.server.session import ServerSession
from wizard.target.defaults import DEFAULT_DATADIR, DEFAULT_ERROR_LOGS, DEFAULT_UNITS
from wizard.target.model import Sources, Target
from wizard.target.option_files import server_options

_STDERR = ("", "stderr")


@dataclass(slots=True)
class _Search:
    target: Target
    case: Case
    server: ServerSession | None
    process: ServerProcess | None = None
    places: list[LogPlace] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def file(self, host: Host, path: str, how: str) -> bool:
        """Take `path` if it can be read; say so if not."""
        try:
            host.read(path, 0, 1)
        except HostError as error:
            self.tried.append(sanitize(f"{path} ({how}): {error}"))
            return False
        self.places.append(LogPath(path, how))
        return True


def find(
    target: Target,
    sources: Sources,
    case: Case,
    host: Host | None,
    host_reason: str,
    server: ServerSession | None,
) -> Found:
    """The places of the error log. Reads only what it needs to decide; raises nothing."""
    search = _Search(target, case, server)
    named = sources.error_log
    if named is not None:
        # The operator names a file of the machine the wizard runs on where no other is looked at.
        search.file(host or LocalHost(), str(named), "--error-log")
        return Found(tuple(search.places), tuple(search.tried))
    if host is None:
        search.tried.append(host_reason or "the server's machine is not looked at")
    else:
        search.process = _own_process(search, host)
        if not _where_it_was(search, host):
            _on_host(search, host)
    if not search.places:
        _over_sql(search)
    return Found(tuple(search.places), tuple(search.tried))


def _own_process(search: _Search, host: Host) -> ServerProcess | None:
    """The target's own process, or None: the wrong server's log is worse than no log."""
    connection = search.case.step("connection")
    facts = connection.facts if connection is not None else {}
    try:
        return process_for(search.target, facts, host.server_processes(), host)
    except HostError:
        return None


def _where_it_was(search: _Search, host: Host) -> bool:
    """The file that was read before: what leads to it may be told by the process alone."""
    path = search.case.fact(facts.ERROR_LOG_PATH)
    gone = search.server is None and search.process is None
    if not gone or not isinstance(path, str) or not path.startswith("/"):
        return False
    tried = tuple(search.tried)
    found = search.file(host, path, "where it was while the server ran")
    search.tried[:] = tried
    return found


def _on_host(search: _Search, host: Host) -> None:
    log_error, how = _told(search, host)
    if log_error is not None and log_error not in _STDERR:
        if search.process is None and search.server is not None and _others(host):
            search.tried.append(
                sanitize(
                    f"{log_error} ({how}): which of this machine's servers writes it is not "
                    "clear; run as root, or name it with --error-log"
                )
            )
            return
        path, root = _absolute(search, log_error), _root(search)
        if root:
            path = followed(host, root, path)
        if path in STREAMS:
            _standard_error(search, host, f"{how} is a link to {path}")
            return
        search.file(host, root + path, how)
        return
    if search.process is not None or search.server is not None:
        _standard_error(search, host, how)
        return
    _guess(search, host)


def _told(search: _Search, host: Host) -> tuple[str | None, str]:
    """What the server, its command line or the option files say of `log_error`."""
    fact = search.case.fact(facts.LOG_ERROR)
    if isinstance(fact, str):
        return fact, "@@log_error"
    process = search.process
    if process is not None:
        given = argument(process, "log-error")
        if given is not None:
            return given, f"the command line of process {process.pid}"
    return _from_option_files(search, host)


def _from_option_files(search: _Search, host: Host) -> tuple[str | None, str]:
    """What the target's own option files say. They are read on this machine only; another
    host's stay unread."""
    process = search.process
    if not isinstance(host, LocalHost):
        return None, ""
    given = search.target.server_option_files[:1]
    if process is not None and (file := argument(process, "defaults-file")):
        given = (Path(file),)
    root = Path(process.root) if process is not None and process.root else Path("/")
    for flavor in ("mariadb", "mysql"):
        options = server_options(flavor, defaults_file=given[0] if given else None, root=root)
        value = options.text("log_error")
        if value and (given or speak_of(search.target, options)):
            return value, f"log_error in {options.where('log_error')}"
    return None, ""


def _absolute(search: _Search, log_error: str) -> str:
    """The path as the server sees it: below its data directory where it is relative."""
    path = PurePosixPath(log_error)
    if not path.suffix and search.case.fact(facts.FLAVOR) is None:
        path = path.with_suffix(".err")  # the server adds it where the name has no extension
    if not path.is_absolute():
        path = PurePosixPath(_datadir(search)) / path
    return str(path)


def _root(search: _Search) -> str:
    """The server's own root directory as this machine sees it; empty where it is ours."""
    root = search.process.root if search.process else ""
    return "" if root == "/" else root


def _datadir(search: _Search) -> str:
    fact = search.case.fact(facts.DATADIR)
    if isinstance(fact, str) and fact:
        return fact
    given = argument(search.process, "datadir") if search.process else None
    return given or DEFAULT_DATADIR


def _standard_error(search: _Search, host: Host, how: str) -> None:
    """The server logs to its standard error: a file, the journal, or a container's pipe."""
    process = search.process
    if process is None:
        search.tried.append("the server logs to its standard error, and its process is not seen")
        return
    target = _command(host, "readlink", f"/proc/{process.pid}/fd/2")
    if target.startswith("/") and not target.startswith("/dev/"):
        path = target if process.root in ("", "/") else process.root + target
        search.file(host, path, f"the standard error of process {process.pid}")
        return
    groups = _groups(host, process.pid)
    if (container := container_of(groups)) is not None:
        _container_log(search, host, container, how or "stderr")
        return
    unit = unit_of(groups)
    if unit is not None:
        search.places.append(SystemdJournal((unit,), f"the journal of {unit} ({how or 'stderr'})"))
        return
    search.tried.append(
        f"process {process.pid} logs to its standard error ({target or 'not readable'}), which no "
        "file, service or container of docker, podman or Kubernetes keeps; give the log with "
        "--error-log"
    )


def _groups(host: Host, pid: int) -> str:
    try:
        return host.read(f"/proc/{pid}/cgroup", 0, 1 << 16).decode("utf-8", "replace")
    except HostError:
        return ""


def _container_log(search: _Search, host: Host, container: Container, how: str) -> None:
    """Where its runtime keeps what a container writes.

    The runtime's file where it may be read, as that can be searched; else the runtime is asked.
    """
    for path in runtime_files(host, container):
        try:
            host.read(path, 0, 1)
        except HostError as error:
            search.tried.append(sanitize(f"{path}: {error}"))
            continue
        search.places.append(LogPath(path, f"the log of container {container.id[:12]} ({how})"))
    if container.client:
        told = f"{container.client} logs ({how})"
        search.places.append(ContainerLog(container.client, container.id, told))
    elif not search.places:
        search.tried.append(
            f"the log of container {container.id[:12]} is not in {KUBERNETES_LOGS}; give the "
            "output of `crictl logs` or `kubectl logs` with --error-log"
        )


def _guess(search: _Search, host: Host) -> None:
    """No server to ask: a dead container's log, or the newest of the usual places.

    Those may be another server's that runs here.
    """
    container = ended_container(search.case.fact(facts.DEAD_CONTAINER))
    others = _others(host)
    for mtime, path in () if others else usual_files(host, _datadir(search)):
        if container and container[1] >= mtime:
            break
        if search.file(host, path, "a usual place"):
            return
    if container:
        how = "the only database container here, which has ended"
        _container_log(search, host, container[0], how)
    elif others:
        search.tried.append(
            "the usual places were left alone: another server runs on this machine "
            f"(process {others[0].pid})"
        )
    else:
        places = (*DEFAULT_ERROR_LOGS, f"{_datadir(search)}/*.err")
        search.tried.append("no log at " + ", ".join(places))
        told = "the journal of " + ", ".join(DEFAULT_UNITS)
        search.places.append(SystemdJournal(DEFAULT_UNITS, told))


def _others(host: Host) -> tuple[ServerProcess, ...]:
    try:
        return host.server_processes()
    except HostError:
        return ()


def _over_sql(search: _Search) -> None:
    """MySQL keeps the log's newest part in a table (Reference Manual, "The error_log Table")."""
    server = search.server
    if server is None:
        return
    if server.info.is_mariadb or server.info.numbers < (8, 0, 22):
        search.tried.append("performance_schema.error_log exists only in MySQL 8.0.22 and later")
        return
    search.places.append(ErrorTable("performance_schema.error_log, over SQL"))


def _command(host: Host, *words: str) -> str:
    try:
        return host.run(words, timeout=5.0).stdout.strip()
    except HostError:
        return ""
