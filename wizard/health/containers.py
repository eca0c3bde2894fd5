"""What docker or podman know of database containers: exit codes, OOM, restarts."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wizard.case import clocks
from wizard.case.case import Window
from wizard.case.evidence import Evidence, Occurrence, Table
from wizard.hosts.protocol import Command, Host, HostError, ServerProcess
from wizard.hosts.small_files import text_of
from wizard.safety.sanitize import sanitize
from wizard.units import moment

CLIENTS = ("docker", "podman")
MAX_CONTAINERS = 100

_NO_CLIENT = "goneaway-wizard: no such client"

# One question to the client for all of them, running or not.
_SCRIPT = (
    f'command -v "$1" >/dev/null || {{ echo "{_NO_CLIENT}" >&2; exit 127; }}; '
    f'ids=$("$1" ps -aq --no-trunc) || exit; ids=$(echo "$ids" | head -n {MAX_CONTAINERS}); '
    '[ -z "$ids" ] || "$1" inspect --format "$2" $ids'
)
_FORMAT = (
    "{{.Id}}\t{{.Name}}\t{{.Config.Image}}\t{{.RestartCount}}\t"
    "{{.HostConfig.RestartPolicy.Name}}\t{{json .State}}"
)
_SERVER = re.compile(r"mysql|mariadb|percona", re.I)
_BESIDE = re.compile(r"exporter|backup|dump|proxy|router|client|admin|agent|operator", re.I)
"""What names a container that works with a server and is none."""

_ID = re.compile(r"[0-9a-f]{64}")
_ORDERLY = frozenset({0, 143})
"""A server that ended by itself, or by SIGTERM (128 + 15)."""


@dataclass(frozen=True, slots=True)
class ContainerState:
    """`ended` is the end of its last run, None where it has not ended yet."""

    id: str
    name: str
    image: str
    status: str
    exit_code: int
    oom_killed: bool
    ended: datetime | None
    restarts: int
    policy: str
    client: str


@dataclass(frozen=True, slots=True)
class Containers:
    """Database containers only. `looked` says that a client answered."""

    found: tuple[ContainerState, ...] = ()
    looked: bool = False
    problems: tuple[str, ...] = ()


def command(client: str) -> Command:
    return Command(("sh", "-c", _SCRIPT, "sh", client, _FORMAT), 1 << 20)


def read_containers(host: Host, own: ServerProcess | None) -> Containers:
    """Never raises HostError. A host without docker and podman has no containers of theirs, and a
    server that runs in none is no business of a client that cannot be asked."""
    mine = _ID.search(text_of(host, f"/proc/{own.pid}/cgroup") or "") if own is not None else None
    found: list[ContainerState] = []
    problems: list[str] = []
    looked = False
    for client in CLIENTS:
        try:
            told = host.run(command(client).words, timeout=10.0, limit=1 << 20)
        except HostError as problem:
            problems.append(f"{client} could not be asked: {problem}")
            continue
        if told.exit_code == 0:
            looked = True
            found += parse_inspect(told.stdout, client, mine[0] if mine else "")
        elif _NO_CLIENT not in told.stderr:
            said = sanitize(told.stderr.strip().partition("\n")[0], 200)
            problems.append(f"{client} could not be asked: {said or f'exit {told.exit_code}'}")
    concerned = own is None or mine is not None
    return Containers(tuple(found), looked, tuple(problems) if concerned else ())


def parse_inspect(text: str, client: str, mine: str = "") -> tuple[ContainerState, ...]:
    """Those of a database server by name or image, and the one whose id is `mine`."""
    read = (_container(line.split("\t"), client) for line in text.splitlines())
    return tuple(
        c
        for c in read
        if c is not None and (c.id == mine or _SERVER.search(f"{c.name} {c.image}") is not None)
    )


def _container(words: list[str], client: str) -> ContainerState | None:
    if len(words) != 6:
        return None
    try:
        state: dict[str, Any] = json.loads(words[5])
        return ContainerState(
            id=sanitize(words[0], 64),
            name=sanitize(words[1].removeprefix("/"), 100),
            image=sanitize(words[2], 200),
            status=sanitize(str(state.get("Status", "")), 32),
            exit_code=int(state.get("ExitCode", 0)),
            oom_killed=bool(state.get("OOMKilled", False)),
            ended=_ended(str(state.get("FinishedAt", ""))),
            restarts=int(words[3]),
            policy=sanitize(words[4], 32),
            client=client,
        )
    except (ValueError, AttributeError):
        return None


def _ended(text: str) -> datetime | None:
    """The year 1 stands for never."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.year > 1 and at.tzinfo is not None else None


def dead_alone(containers: Containers, service_ended: datetime | None) -> str | None:
    """The only database container where it has ended: its client, its id and when it ended.

    That in seconds since 1970. Of several it is not known which one the target was, nor where a
    service of the machine's own ended later.
    """
    servers = [c for c in containers.found if not _BESIDE.search(f"{c.name} {c.image}")]
    if len(servers) != 1:
        return None
    (only,) = servers
    if only.status == "running" or only.ended is None:
        return None
    if service_ended is not None and service_ended >= only.ended:
        return None
    return f"{only.client} {only.id} {only.ended.timestamp():.0f}"


def evidence(containers: Containers, window: Window, oom_known: bool) -> Iterator[Evidence]:
    """How a container's last run ended, inside the window. `oom_known`: the kernel log tells of
    a server killed for want of memory already, and it would count twice."""
    for container in containers.found:
        if not window.holds(container.ended, clocks.KERNEL_LOG):
            continue
        if container.oom_killed:
            if not oom_known:
                yield _end(container, "kernel.oom-kill", "was killed for want of memory", None)
        elif container.exit_code in _ORDERLY:
            yield _end(container, "host.service-stopped", "was stopped", None)
        elif container.exit_code > 128:
            number = container.exit_code - 128
            yield _end(container, "host.service-killed", f"ended by signal {number}", number)


def _end(container: ContainerState, signal: str, what: str, number: int | None) -> Evidence:
    return Evidence(
        signal,
        f"the container {container.name} ({container.image}) {what}, {moment(container.ended)}",
        f"{container.client} inspect",
        first=container.ended,
        last=container.ended,
        excerpt=f"Status={container.status} ExitCode={container.exit_code} "
        f"OOMKilled={str(container.oom_killed).lower()}",
        value=float(number) if number is not None else None,
        occurrences=(Occurrence(at=container.ended),),
    )


def table(containers: Containers) -> Table | None:
    """None where there are none."""
    rows = tuple(
        (
            c.name,
            c.image,
            c.status,
            f"{c.exit_code}{', OOMKilled' if c.oom_killed else ''}",
            moment(c.ended) if c.ended is not None else "never",
            str(c.restarts),
            c.policy or "no",
        )
        for c in containers.found
    )
    titles = ("ContainerState", "Image", "State", "Exit", "Ended last", "Restarts", "Policy")
    return Table("Database containers", titles, rows) if rows else None
