"""Where the files of a server lie that has a root directory of its own.

A chroot, systemd's RootDirectory=, LXC and systemd-nspawn keep it in a directory of the machine,
whose files can be edited. What docker, podman and Kubernetes run is made anew from its image, so
an edit there would be lost: these are told by the control group, by the marks that the runtimes
leave, and by an overlay as root (proc_pid_mountinfo(5)). A mount namespace alone is none: units
with PrivateTmp= have one, and so may the session that looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from wizard.hosts.protocol import Host, HostError, ServerProcess
from wizard.logs.error.container import container_of
from wizard.remedies.option_file_edit import NoPlace

_MARKS = ("/.dockerenv", "/run/.containerenv")
"""Files of the root directory that docker and podman make."""

_MOST = 1 << 20


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of mountinfo: the directory `root` of file system `device`, seen at `point`."""

    device: str
    root: PurePosixPath
    point: PurePosixPath
    kind: str


def files_root(host: Host, process: ServerProcess) -> Path:
    """The server's root directory as a path that outlives its process. Raises NoPlace."""
    if process.root == "/":
        return Path("/")
    if runtime := _runtime(host, process):
        raise NoPlace(
            f"the server runs in a container ({runtime}), which is made anew from its image:"
            " change its configuration where it is described (Compose, Helm)"
        )
    if not process.root.startswith("/proc/"):
        return Path(process.root)
    theirs = mounts(_text(host, f"/proc/{process.pid}/mountinfo"))
    seen = seen_at(theirs, mounts(_text(host, "/proc/self/mountinfo")))
    if seen is None:
        raise NoPlace(
            "the server has a file system of its own, which is not seen from here: run the"
            " wizard inside it"
        )
    return Path(seen)


def _runtime(host: Host, process: ServerProcess) -> str:
    """What runs the server's container, or "" where nothing says that it is in one."""
    container = container_of(_text(host, f"/proc/{process.pid}/cgroup"))
    if container is not None and container != container_of(_text(host, "/proc/self/cgroup")):
        return f"{container.client or 'Kubernetes'}, {container.id[:12]}"
    if not process.root.startswith("/proc/"):
        return ""
    for mark in _MARKS:
        if _is_there(host, process.root + mark):
            return f"it has {mark}"
    theirs = root_of(mounts(_text(host, f"/proc/{process.pid}/mountinfo")))
    ours = root_of(mounts(_text(host, "/proc/self/mountinfo")))
    if theirs is not None and theirs.kind == "overlay":
        return "" if ours is not None and ours.device == theirs.device else "an overlay is its root"
    return ""


def mounts(text: str) -> tuple[Mount, ...]:
    """In the order in which they were made, as far as the lines are whole. Pure."""
    return tuple(_parsed(text))


def _parsed(text: str) -> Iterator[Mount]:
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split(" ")
        if len(words) > 4 and after:
            root, point = (PurePosixPath(_plain(word)) for word in words[3:5])
            yield Mount(words[2], root, point, after.split(" ")[0])


def _plain(word: str) -> str:
    """Blanks and backslashes are written in octal (proc_pid_mountinfo(5))."""
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        word = word.replace(code, character)
    return word


def root_of(seen: tuple[Mount, ...]) -> Mount | None:
    """The mount that is the root directory of the process whose mounts these are. Pure."""
    return next((m for m in reversed(seen) if m.point == PurePosixPath("/")), None)


def seen_at(theirs: tuple[Mount, ...], ours: tuple[Mount, ...]) -> PurePosixPath | None:
    """Where the root directory of another mount namespace lies in ours. Pure."""
    root = root_of(theirs)
    if root is None:
        return None
    for mount in reversed(ours):
        if mount.device == root.device and root.root.is_relative_to(mount.root):
            place = mount.point / root.root.relative_to(mount.root)
            if place != PurePosixPath("/") and _on_top(place, ours) is mount:
                return place
    return None


def _on_top(place: PurePosixPath, ours: tuple[Mount, ...]) -> Mount | None:
    """The mount in which a path lies: the longest, and of those the one made last."""
    found: Mount | None = None
    for mount in ours:
        if place.is_relative_to(mount.point) and (
            found is None or len(mount.point.parts) >= len(found.point.parts)
        ):
            found = mount
    return found


def _is_there(host: Host, path: str) -> bool:
    try:
        host.stat(path)
    except HostError:
        return False
    return True


def _text(host: Host, path: str) -> str:
    try:
        return host.read(path, 0, _MOST).decode("utf-8", "surrogateescape")
    except HostError:
        return ""
