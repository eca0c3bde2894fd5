"""What an idle ladder found, in words, figures and signals. Pure."""

from collections.abc import Iterator, Sequence

from wizard.case.evidence import Evidence, Scalar
from wizard.probes.idle.judge import IDLE_DISCONNECT, IdleCutter, IdleFinding, Judgement
from wizard.probes.shared.bars import how, pause
from wizard.probes.shared.outcomes import Outcome, Unsteady
from wizard.probes.shared.safe_pause import keepalive_below, lifetime_below
from wizard.units import duration

SIGNALS = {
    IdleCutter.SERVER: "probe.idle-server",
    IdleCutter.KILL: "probe.idle-killed",
    IdleCutter.CLOSER: "probe.idle-closed",
    IdleCutter.FORGETTER: "probe.idle-silent",
}


def headline(judgement: Judgement, outcomes: Sequence[Outcome], limit: float) -> str:
    if judgement.server_left:
        return "the server itself went away under the ladder, so nothing is known of rest"
    if judgement.findings:
        return "; ".join(sentence(finding) for finding in judgement.findings)
    if judgement.unsteady:
        return _unsteady(judgement.unsteady)
    longest = max((o.seconds for o in outcomes if o.alive), default=None)
    if longest is None:
        return "no connection could be tried"
    return f"connections survive a pause of {duration(min(longest, limit))}"


def known(judgement: Judgement, outcomes: Sequence[Outcome], left: float) -> str:
    """While the ladder is climbed."""
    more = f"up to {duration(round(left))} more" if left >= 1 else "asking"
    if judgement.findings:
        finding = judgement.findings[0]
        doubt = "" if finding.sure else ", being confirmed"
        return f"{sentence(finding)}{doubt}; {more}"
    if judgement.unsteady:
        return f"{_unsteady(judgement.unsteady)}; {more}"
    longest = max((o.seconds for o in outcomes if o.alive), default=0.0)
    alive = f"alive after {duration(longest)}; " if longest else ""
    return f"{alive}{more}"


def sentence(finding: IdleFinding) -> str:
    cut = finding.cut
    after = f"after {pause(cut)} without traffic"
    match finding.cutter:
        case IdleCutter.SERVER:
            if any(death.number == IDLE_DISCONNECT for death in cut.deaths):
                return f"the server closes a connection {after}, and says so (4031)"
            return f"the server closes a connection {after}, by its wait_timeout"
        case IdleCutter.KILL:
            return f"somebody kills connections that idle ({duration(cut.low)} and more)"
        case IdleCutter.CLOSER if cut.asked:
            return f"something between ends a connection {after}, and tells only the server"
        case IdleCutter.CLOSER:
            return f"something between closes a connection {after}, not the server"
        case IdleCutter.FORGETTER:
            return f"something between forgets a connection {after}, and tells nobody"


def evidence(judgement: Judgement, source: str) -> Iterator[Evidence]:
    """Of what is sure: what was seen once may be chance, and accuses nobody."""
    for finding in judgement.findings:
        if finding.sure:
            yield Evidence(
                SIGNALS[finding.cutter],
                f"{sentence(finding)} ({detail(finding)})",
                source,
                count=len(finding.cut.deaths),
                value=round(finding.seconds, 2),
            )


def detail(finding: IdleFinding) -> str:
    """What was seen: how they ended, and what the server knew of them."""
    cut = finding.cut
    ends = sorted({how(death) for death in cut.deaths})
    count = len(cut.deaths)
    parts = [f"{count} connection{'s' if count != 1 else ''}: {', '.join(ends)}"]
    if cut.asked:
        parts[0] += " at the next statement"
    there, asked = finding.listed
    if asked and cut.asked:
        parts.append(f"the server still listed {there} of {asked} as Sleep")
    if finding.cutter in (IdleCutter.CLOSER, IdleCutter.FORGETTER):
        parts.append("those with a raised wait_timeout died alike")
    return "; ".join(parts)


def notes(judgement: Judgement, limit: float) -> Iterator[str]:
    known_facts = facts(judgement, limit)
    sign, life = (known_facts.get(n) for n in ("keepalive_below", "pool_lifetime_below"))
    if isinstance(sign, int) and isinstance(life, int):
        yield (
            f"What survives this: a sign of life every {duration(sign)}, or a pool that keeps a"
            f" connection for {duration(life)} at most."
        )
    for finding in judgement.findings:
        if not finding.sure:
            yield (
                f"Not sure: {sentence(finding)} ({detail(finding)}). It was not seen twice, or the"
                " other half of the ladder does not bear it out; run the ladder again."
            )
    if judgement.unsteady:
        yield (
            "Deaths that no pause explains point to lost packets, a restart or a failover: see"
            " check --probe latency."
        )


def facts(judgement: Judgement, limit: float) -> dict[str, Scalar]:
    """See wizard.probes.idle."""
    found: dict[str, Scalar] = {"idle_limit_tried": limit}
    sure = [finding for finding in judgement.findings if finding.sure]
    if sure:
        first = sure[0]
        whole = max(1, int(first.cut.low if first.cut.asked else first.seconds))
        found |= {
            "idle_cut_seconds": round(first.seconds, 2),
            "idle_cut_by": first.cutter.value,
            "keepalive_below": keepalive_below(whole),
            "pool_lifetime_below": lifetime_below(whole),
        }
    return found


def _unsteady(found: tuple[Unsteady, ...]) -> str:
    dead, tried = sum(len(u.deaths) for u in found), sum(u.tried for u in found)
    return f"{dead} of {tried} connections were lost, and not by how long they idled"
