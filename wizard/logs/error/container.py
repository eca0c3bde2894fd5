"""Where a container's runtime keeps what the server in it writes, and how it sees paths."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from wizard.hosts.protocol import Host, HostError
from wizard.safety.sanitize import sanitize

KUBERNETES_LOGS = "/var/log/containers"
DOCKER_FILES = "/var/lib/docker/containers"

STREAMS = ("/dev/stderr", "/dev/stdout", "/proc/self/fd/1", "/proc/self/fd/2")
"""Images link their log file to one of these, so that the runtime keeps the log."""

_ID = re.compile(r"[-/](?P<id>[0-9a-f]{64})(?=\.scope|/|$)")
_LINKS = 8


@dataclass(frozen=True, slots=True)
class Container:
    """`client` is the program that tells of it; empty for Kubernetes' own runtimes."""

    id: str
    client: str


def container_of(groups: str) -> Container | None:
    """From the text of /proc/PID/cgroup. None where the process runs in no container that can
    be told."""
    for line in groups.splitlines():
        path = line.split(":", 2)[-1]
        ids = _ID.findall(path)
        if not ids:
            continue
        if "kubepods" in path or "crio" in path or "cri-containerd" in path:
            return Container(ids[-1], "")
        if "libpod" in path:
            return Container(ids[-1], "podman")
        if "docker" in path:
            return Container(ids[-1], "docker")
    return None


def unit_of(groups: str) -> str | None:
    """The systemd service that runs the process, from its cgroup."""
    for part in reversed(groups.replace("\n", "/").split("/")):
        if part.endswith(".service") and not part.startswith(("user@", "docker", "containerd")):
            return sanitize(part, 200)
    return None


def ended_container(told: object) -> tuple[Container, float] | None:
    """From Health's fact of it: the container, and when it ended in seconds since 1970."""
    words = str(told or "").split()
    return (Container(words[1], words[0]), float(words[2])) if len(words) == 3 else None


def runtime_files(host: Host, container: Container) -> tuple[str, ...]:
    """Where the runtime's own file of the container's log would be."""
    if container.client == "docker":
        return (f"{DOCKER_FILES}/{container.id}/{container.id}-json.log",)
    if container.client:
        return ()
    try:
        names = host.list_dir(KUBERNETES_LOGS)
    except HostError:
        return ()
    own = (name for name in names if name.endswith(f"-{container.id}.log"))
    return tuple(f"{KUBERNETES_LOGS}/{name}" for name in own)


def followed(host: Host, root: str, path: str) -> str:
    """A path inside another process's `root`, its links followed as that process would.

    The kernel would follow them from our own root.
    """
    for _ in range(_LINKS):
        try:
            answer = host.run(("readlink", "--", root + path), timeout=5.0)
        except HostError:
            break
        target = answer.stdout.removesuffix("\n")
        if answer.exit_code != 0 or not target:
            break
        path = _joined(PurePosixPath(path).parent, target)
    return path


def _joined(directory: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (directory / target).parts[1:]:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/" + "/".join(parts)
