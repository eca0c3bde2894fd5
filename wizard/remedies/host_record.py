"""What a change of the database host was, as the journal keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelSetting:
    """One value of the running kernel (sysctl(8))."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class HostRecord:
    """`settings` were set in the running kernel; `unit` is the one whose drop-in was written, and
    `lines` what it says."""

    settings: tuple[KernelSetting, ...] = ()
    unit: str = ""
    lines: tuple[tuple[str, str], ...] = ()

    @property
    def summary(self) -> str:
        told = [f"{s.name}: {s.old} -> {s.new}" for s in self.settings]
        told += [f"{self.unit}: {name}={value}" for name, value in self.lines]
        return "; ".join(told) + " (kept across restarts)"
