"""The places where an error log may be. Plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogPath:
    """A file to read; `how` says why it is this one."""

    path: str
    how: str


@dataclass(frozen=True, slots=True)
class SystemdJournal:
    """The journal of these systemd units."""

    units: tuple[str, ...]
    how: str

    @property
    def label(self) -> str:
        return "journal"

    @property
    def empty(self) -> str:
        return "the journal has no lines of " + ", ".join(self.units)


@dataclass(frozen=True, slots=True)
class ContainerLog:
    """What docker or podman kept of a container's streams; `container` is its id."""

    client: str
    container: str
    how: str

    @property
    def label(self) -> str:
        return f"{self.client} logs {self.container[:12]}"

    @property
    def empty(self) -> str:
        return f"{self.label} shows no lines"


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """performance_schema.error_log, over the open session."""

    how: str


LogPlace = LogPath | SystemdJournal | ContainerLog | ErrorTable


@dataclass(frozen=True, slots=True)
class Found:
    """Where to look, best first, and what was tried in vain."""

    places: tuple[LogPlace, ...]
    tried: tuple[str, ...]
