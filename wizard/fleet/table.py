"""All hosts of a fleet in one table: worst first, by cause, and who was not looked at. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wizard.diagnosis.model import Verdict
from wizard.fleet.common import Shared, in_common
from wizard.fleet.result import HostResult

_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class FleetCause:
    """One cause over all hosts; `failures` are those that it explains."""

    cause: str
    title: str
    hosts: tuple[str, ...]
    confirmed: int
    failures: int
    common: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """`hosts` were looked at, worst first; `unseen` were not. `interrupted`: there are more."""

    hosts: tuple[HostResult, ...]
    unseen: tuple[HostResult, ...]
    causes: tuple[FleetCause, ...]
    interrupted: bool = False

    @property
    def accused(self) -> int:
        return sum(host.accused for host in self.hosts)

    @property
    def failures(self) -> int:
        return sum(host.failures for host in self.hosts)

    @property
    def explained(self) -> int:
        return sum(host.explained for host in self.hosts)

    @property
    def headline(self) -> str:
        """One sentence over all."""
        total = len(self.hosts) + len(self.unseen)
        return (
            f"{_hosts(total)}: {self.accused} with a cause, "
            f"{len(self.hosts) - self.accused} without, {len(self.unseen)} not looked at; "
            f"{self.explained} of {self.failures} failures explained"
            f"{' (interrupted)' if self.interrupted else ''}"
        )


def fleet_of(results: Iterable[HostResult], interrupted: bool = False) -> Fleet:
    """The table of these results, in whatever order they came."""
    every = sorted(results, key=lambda result: result.host)
    hosts = tuple(sorted((r for r in every if r.was_looked_at), key=_badness))
    unseen = tuple(r for r in every if not r.was_looked_at)
    return Fleet(hosts, unseen, _causes(hosts), interrupted)


def _badness(result: HostResult) -> tuple[int, int, int, str]:
    """Small for what is bad: the verdict, then the failures."""
    verdict = min((_ORDER[c.verdict] for c in result.causes), default=len(_ORDER))
    return verdict, -result.failures, -len(result.causes), result.host


def _causes(hosts: Sequence[HostResult]) -> tuple[FleetCause, ...]:
    ids = {c.cause: c.title for host in hosts for c in host.causes}
    found = [_one_cause(cause, title, hosts) for cause, title in ids.items()]
    return tuple(sorted(found, key=lambda c: (-c.failures, -len(c.hosts), c.cause)))


def _one_cause(cause: str, title: str, hosts: Sequence[HostResult]) -> FleetCause:
    having = [host for host in hosts if any(c.cause == cause for c in host.causes)]
    others = [host for host in hosts if host not in having]
    told = [c for host in having for c in host.causes if c.cause == cause]
    return FleetCause(
        cause, title, tuple(host.host for host in having),
        sum(c.verdict is Verdict.CONFIRMED for c in told), sum(c.explains for c in told),
        in_common(having, others),
    )  # fmt: skip


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"
