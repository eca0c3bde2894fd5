"""Whether the host's clock agrees with ours, and whether something keeps it right."""

from collections.abc import Iterator
from dataclasses import dataclass

from wizard.hosts.protocol import Command, Host, HostError
from wizard.units import duration

APART = 5.0
"""Seconds: times in the server's log and in the application's are compared by the second, and
a slow round trip takes a second or two."""

SYNCHRONISED = "/run/systemd/timesync/synchronized"
TRACKING = Command(("chronyc", "-n", "tracking"), 1 << 14)


@dataclass(frozen=True, slots=True)
class Clock:
    """`ahead` is the host's clock less ours, in seconds; None on the machine that we run on.
    `synchronised` is None where nobody could be asked."""

    ahead: float | None
    synchronised: bool | None


def read_clock(host: Host, host_time: float, our_time: float, same_machine: bool) -> Clock:
    return Clock(None if same_machine else host_time - our_time, _synchronised(host))


def _synchronised(host: Host) -> bool | None:
    try:
        host.stat(SYNCHRONISED)
    except HostError:
        return _by_chrony(host)
    return True


def _by_chrony(host: Host) -> bool | None:
    try:
        told = host.run(TRACKING.words, timeout=5.0, limit=TRACKING.limit)
    except HostError:
        return None
    for line in told.stdout.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "Leap status":
            return value.strip() != "Not synchronised"
    return None


def row(clock: Clock) -> tuple[str, str]:
    kept = {True: "kept by a time server", False: "not synchronised", None: "unknown who keeps it"}
    apart = "" if clock.ahead is None else f"{clock.ahead:+.0f} s against ours, "
    return "Clock", apart + kept[clock.synchronised]


def notes(clock: Clock) -> Iterator[str]:
    if clock.ahead is not None and abs(clock.ahead) > APART:
        way = "ahead of" if clock.ahead > 0 else "behind"
        apart = duration(round(abs(clock.ahead)))
        yield (
            f"the host's clock is {apart} {way} ours: an application's times "
            "from another machine may not fit the server's"
        )
    if clock.synchronised is False:
        yield "the host's clock is not synchronised (chronyc tracking)"
