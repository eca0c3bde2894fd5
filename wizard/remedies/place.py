"""Where a change was made: the way to its server, and the machine that holds its file.

The journal keeps it, so that undo goes the way that the change went, and never takes another
machine's file for the one that was changed.
"""

import platform
from dataclasses import dataclass
from pathlib import Path

from wizard.hosts.protocol import Host, HostError
from wizard.target.model import SshPlace, Target

MACHINE_ID = Path("/etc/machine-id")
"""Unique to an installed system, and kept across restarts (machine-id(5)). Containers often have
none, and clones share one: the machine's name is kept beside it."""

_MOST = 256


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine by its id and its name; each is empty where it is not known."""

    id: str = ""
    name: str = ""

    def is_another(self, other: "Machine") -> bool:
        """Whether the two are known to differ by their ids."""
        return bool(self.id and other.id and self.id != other.id)

    def is_in_doubt(self, other: "Machine") -> bool:
        """Whether the names differ where the ids do not tell."""
        return bool(self.name and other.name and self.name != other.name)


UNKNOWN_MACHINE = Machine()


@dataclass(frozen=True, slots=True)
class ChangePlace:
    """The way to the server as the operator took it. `machine` is the server's, where it was
    seen."""

    host: str | None = None
    port: int | None = None
    socket: str | None = None
    ssh: SshPlace | None = None
    machine: Machine = UNKNOWN_MACHINE

    @property
    def is_known(self) -> bool:
        return bool(self.host or self.socket)


UNKNOWN_PLACE = ChangePlace()


def place_of(target: Target, host: Host | None) -> ChangePlace:
    """Where a change to `target` is made; `host` is its machine, or None where it is not seen."""
    return ChangePlace(
        None if target.socket else target.host or "localhost",
        None if target.socket else target.port,
        target.socket,
        target.ssh,
        UNKNOWN_MACHINE if host is None else machine_of(host),
    )


def machine_of(host: Host) -> Machine:
    """A machine as one of its files and its kernel name it."""
    return Machine(
        _first_line(host, str(MACHINE_ID)), _first_line(host, "/proc/sys/kernel/hostname")
    )


def this_machine() -> Machine:
    """The one that the wizard runs on: its files are the ones that undo can reach."""
    try:
        found = MACHINE_ID.read_text("ascii", "replace")[:_MOST].strip()
    except OSError:
        found = ""
    return Machine(found, platform.node())


def _first_line(host: Host, path: str) -> str:
    try:
        text = host.read(path, 0, _MOST).decode("ascii", "replace")
    except HostError:
        return ""
    return text.strip().splitlines()[0] if text.strip() else ""


def place_from_label(label: str) -> ChangePlace:
    """The place of a change whose journal line tells only how screens named its server."""
    from wizard.target.ssh_place import ssh_place

    address, on, machine = label.partition(" on ")
    try:
        ssh = ssh_place(machine) if on else None
        if address.startswith("/"):
            return ChangePlace(socket=address, ssh=ssh)
        host, _, port = address.rpartition(":")
        return ChangePlace(host.strip("[]") or None, int(port), ssh=ssh)
    except ValueError:
        return UNKNOWN_PLACE
