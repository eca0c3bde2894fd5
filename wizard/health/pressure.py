"""Pressure stall information: how long tasks waited for processors, memory and disks.

"PSI - Pressure Stall Information" in the kernel's documentation. The averages are of the last
10, 60 and 300 seconds, so they say nothing of a failure an hour ago.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wizard.case.evidence import Evidence
from wizard.hosts.protocol import Host
from wizard.hosts.small_files import text_of

RESOURCES = ("cpu", "io", "memory")
FILES = tuple(f"/proc/pressure/{name}" for name in RESOURCES)

MEMORY_FULL = 10.0
"""Percent of the last minute in which nobody could run for want of memory: systemd-oomd kills
at 60 % of `some`; a machine at a tenth of `full` answers in seconds, not milliseconds."""

CPU_SOME = 90.0
"""Percent of the last minute in which some task waited for a processor. Busy machines in good
health stand at 50 and more, so it speaks only beside an empty idle time."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Percent of the last 10, 60 and 300 seconds, and microseconds since boot."""

    avg10: float
    avg60: float
    avg300: float
    total: int


@dataclass(frozen=True, slots=True)
class Pressure:
    """`some`: at least one task waited; `full`: all that were not idle. `full` of the processors
    is None before Linux 5.13."""

    some: Stall
    full: Stall | None = None


def parse_pressure(text: str) -> Pressure | None:
    """None for what is no pressure file."""
    found = {words[0]: stall for words in _lines(text) if (stall := _stall(words[1:])) is not None}
    return Pressure(found["some"], found.get("full")) if "some" in found else None


def _lines(text: str) -> Iterator[list[str]]:
    yield from (words for line in text.splitlines() if (words := line.split()))


def _stall(words: list[str]) -> Stall | None:
    values = dict(word.split("=", 1) for word in words if "=" in word)
    try:
        ten, sixty, more = (float(values[name]) for name in ("avg10", "avg60", "avg300"))
        return Stall(ten, sixty, more, int(values["total"]))
    except (KeyError, ValueError):
        return None


def read_pressure(host: Host) -> dict[str, Pressure]:
    """By resource; empty where the kernel keeps none or hides it."""
    read = ((name, parse_pressure(text_of(host, f"/proc/pressure/{name}") or "")) for name in
            RESOURCES)  # fmt: skip
    return {name: pressure for name, pressure in read if pressure is not None}


def evidence(found: Mapping[str, Pressure], idle: float, busy_idle: float) -> tuple[Evidence, ...]:
    """`idle` is the processors' idle time in percent, `busy_idle` what counts as none."""
    return (*_memory(found.get("memory"), "/proc/pressure/memory"),
            *_processors(found.get("cpu"), idle, busy_idle))  # fmt: skip


def group_evidence(pressure: Pressure | None, path: str) -> tuple[Evidence, ...]:
    """The same of the server's own memory cgroup."""
    return _memory(pressure, path)


def _memory(pressure: Pressure | None, source: str) -> tuple[Evidence, ...]:
    full = pressure.full if pressure is not None else None
    if full is None or full.avg60 < MEMORY_FULL:
        return ()
    text = f"for want of memory nothing ran in {full.avg60:.0f} % of the last minute"
    return (Evidence("host.memory-stalled", text, source, value=full.avg60),)


def _processors(pressure: Pressure | None, idle: float, busy_idle: float) -> tuple[Evidence, ...]:
    if pressure is None or pressure.some.avg60 < CPU_SOME or idle >= busy_idle:
        return ()
    text = f"tasks waited for a processor in {pressure.some.avg60:.0f} % of the last minute"
    return (Evidence("host.cpu-stalled", text, "/proc/pressure/cpu", value=pressure.some.avg60),)


def rows(found: Mapping[str, Pressure]) -> Iterator[tuple[str, str]]:
    """For the table of the host."""
    named = {"cpu": "processors", "io": "disks", "memory": "memory"}
    for resource, pressure in found.items():
        full = f", all {_percent(pressure.full)}" if pressure.full is not None else ""
        yield f"Waited for {named[resource]}", f"some tasks {_percent(pressure.some)}{full}"
    if not found:
        yield "Pressure (PSI)", "not kept by this kernel, or hidden"


def _percent(stall: Stall) -> str:
    return f"{stall.avg60:.0f} % of 1 min ({stall.avg300:.0f} % of 5)"
