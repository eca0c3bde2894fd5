"""Who ended connections that idled. Pure: the outcomes of an idle ladder in, findings out.

Only the raised half of a ladder decides: a RST on a quiet MariaDB connection is the server's own
wait_timeout, and a FIN may be the server's or a proxy's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from wizard.probes.shared.outcomes import (
    SAME,
    WAS_KILLED,
    Cut,
    Half,
    Outcome,
    Unsteady,
    cut_of,
    halves,
    shared,
)
from wizard.server.connection_end import ConnectionEnd

IDLE_DISCONNECT = 4031
"""ER_CLIENT_INTERACTION_TIMEOUT, of MySQL 8.0.24 and later; another error in MariaDB."""


class IdleCutter(StrEnum):
    """Who ended them."""

    SERVER = "server"
    """Its wait_timeout."""

    KILL = "kill"
    """Somebody who looks for sessions that idle."""

    CLOSER = "between"
    """A proxy or a load balancer that closes connections."""

    FORGETTER = "network"
    """A firewall or an address translation that forgets them."""


@dataclass(frozen=True, slots=True)
class IdleFinding:
    """Who ends idle connections, and after how long.

    `sure` means that it was seen more than once, on connections opened at different times, and that
    the other half of the ladder does not contradict it.
    """

    cutter: IdleCutter
    cut: Cut
    sure: bool

    @property
    def seconds(self) -> float:
        return self.cut.seconds

    @property
    def listed(self) -> tuple[int, int]:
        """Of how many of the dead the server still had the session, of how many that was seen."""
        known = [death.listed for death in self.cut.deaths if death.listed is not None]
        return sum(known), len(known)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The findings, the shortest time first; `unsteady` holds deaths that no time explains.

    Where the server itself went away, `server_left`, the deaths say nothing of rest.
    """

    findings: tuple[IdleFinding, ...] = ()
    unsteady: tuple[Unsteady, ...] = ()
    server_left: bool = False


def judge(
    outcomes: Sequence[Outcome], wait_timeout: float, raised_holds: bool, kills: int | None
) -> Judgement:
    """`wait_timeout` is what a session gets, in seconds. `raised_holds` says that the server
    took the longer one. `kills` is how much Com_kill rose meanwhile, None where unknown."""
    split = halves(outcomes)
    cuts = {half: cut_of(split[half]) for half in Half}
    plain, raised = cuts[Half.PLAIN], cuts[Half.RAISED]
    if (killed := _killed(outcomes, kills)) is not None:
        return Judgement((killed,))
    unsteady = tuple(cut for cut in cuts.values() if isinstance(cut, Unsteady))
    if unsteady:
        return Judgement((), unsteady)
    findings = []
    by_server = isinstance(plain, Cut) and not (isinstance(raised, Cut) and shared(plain, raised))
    if isinstance(plain, Cut) and by_server:
        findings.append(_servers(plain, split[Half.RAISED], wait_timeout))
    if isinstance(raised, Cut):
        agreed = by_server or isinstance(plain, Cut)
        findings.append(_between(raised, plain, agreed, wait_timeout, raised_holds))
    return Judgement(tuple(sorted(findings, key=lambda f: f.seconds)))


def _killed(outcomes: Sequence[Outcome], kills: int | None) -> IdleFinding | None:
    """Whether a KILL explains the deaths.

    The client was told so, or the server counted one for each death, also of those whose
    wait_timeout was longer.

    Where many more were counted than connections died, others may have been meant.
    """
    found = sorted((o for o in outcomes if not o.alive and not o.asked), key=lambda o: o.seconds)
    if not found:
        return None
    cut = Cut(found[0].seconds, found[-1].seconds, False, tuple(found))
    if any(o.number in WAS_KILLED for o in found):
        return IdleFinding(IdleCutter.KILL, cut, len(found) > 1)
    silent = all(o.number is None for o in found)
    raised = any(o.wanted.half is Half.RAISED for o in found)
    if kills is None or kills < len(found) or not silent or not raised:
        return None
    return IdleFinding(IdleCutter.KILL, cut, len(found) > 1 and kills <= 2 * len(found) + 2)


def _servers(plain: Cut, raised: Sequence[Outcome], wait_timeout: float) -> IdleFinding:
    """Only connections with the server's own wait_timeout died then."""
    told = any(death.number == IDLE_DISCONNECT for death in plain.deaths)
    as_set = plain.low - SAME <= wait_timeout <= plain.high + SAME
    # Longest pause that a connection of the raised half survived, or died of later.
    outlived = any(o.seconds > plain.high for o in raised)
    return IdleFinding(IdleCutter.SERVER, plain, told or as_set or (outlived and plain.confirmed))


def _between(
    raised: Cut, plain: Cut | Unsteady | None, agreed: bool, wait_timeout: float, holds: bool
) -> IdleFinding:
    """Connections died although the server was to keep them."""
    if any(death.number == IDLE_DISCONNECT for death in raised.deaths):
        return IdleFinding(IdleCutter.SERVER, raised, raised.confirmed)
    if not holds and raised.low - SAME <= wait_timeout <= raised.high + SAME:
        return IdleFinding(IdleCutter.SERVER, raised, False)
    sure = raised.settled and agreed and plain is not None
    return IdleFinding(_kind(raised), raised, sure)


def _kind(cut: Cut) -> IdleCutter:
    """A closed connection has a closer. So has one whose end on the server's side is gone."""
    if not cut.asked or any(death.ending is ConnectionEnd.TOLD for death in cut.deaths):
        return IdleCutter.CLOSER
    known = [death.listed for death in cut.deaths if death.listed is not None]
    return IdleCutter.CLOSER if known and not any(known) else IdleCutter.FORGETTER
