"""The path: who answers the port, what stands between, how wide it is, who keeps it open.

Facts, of the application's way where it was gone, else of that from here: `answered_by` (the
greeting's version, or who else), `proxy` (its name, `unknown` for one that only shows in the
addresses, or None), `proxy_timeout` (seconds, the shortest for idle connections in its
configuration), `path_mtu` (bytes), `listener` (the program that takes the connections).
"""

from collections.abc import Iterator

from wizard.case.evidence import Evidence, Scalar, StepResult, StepStatus
from wizard.probes.path.look import Seen, look
from wizard.probes.path.tables import keepalive_notes, notes, table, timeouts
from wizard.probes.probe import Probe
from wizard.probes.shared.way import ways
from wizard.safety.sanitize import sanitize
from wizard.server.connection_end import ConnectionEnd
from wizard.server.foreign_greeting import speaker
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.step import Context, Step
from wizard.units import duration

FOREIGN, SILENT = "probe.foreign-port", "probe.silent-port"
PROXY, PROXY_LIMIT = "probe.proxy", "probe.proxy-limit"


def run(context: Context) -> StepResult:
    done: list[Seen] = []
    for way in ways(context):
        done.append(look(context, way))
        context.publish(_result(StepStatus.RUNNING, tuple(done)))
    return _result(StepStatus.DONE, tuple(done))


def _result(status: StepStatus, done: tuple[Seen, ...]) -> StepResult:
    evidence = tuple(e for seen in done for e in _evidence(seen))
    return StepResult(
        STEP.id,
        status,
        headline=_headline(done, evidence),
        evidence=evidence,
        looked_for=tuple(_looked_for(done)) if status is StepStatus.DONE else (),
        tables=tuple(t for seen in done for t in (table(seen), timeouts(seen))),
        notes=tuple(dict.fromkeys(n for s in done for n in (*notes(s), *keepalive_notes(s)))),
        facts=_facts(done[-1]),
    )


def _evidence(seen: Seen) -> Iterator[Evidence]:
    source = f"path probe {seen.way.label}"
    place = sanitize(seen.way.target.label)
    if (foreign := _foreign(seen)) is not None:
        excerpt = sanitize(foreign.decode("latin-1"), 60)
        text = f"{place} is answered by {speaker(foreign)}, not by a database server"
        yield Evidence(FOREIGN, text, source, excerpt=excerpt)
    elif (reason := _empty(seen)) is not None:
        yield Evidence(SILENT, f"{place} {reason}", source, value=seen.silent or None)
    proxies = [peer for peer in seen.peers if peer.is_proxy]
    if proxies:
        named = ", ".join(f"{peer.name} (by {peer.told_by})" for peer in proxies)
        yield Evidence(PROXY, f"the server is reached through {sanitize(named)}", source)
    elif seen.taker is not None and seen.taker.is_forwarder:
        text = f"{sanitize(seen.taker.process)} takes the connections at {place}"
        yield Evidence(PROXY, text, f"{source}: ss -ltnp")
    elif seen.same_end is False:
        left = f"left as {seen.ours}" if seen.ours else f"left {seen.way.label}"
        text = (
            f"the server sees the connection come from {seen.seen_as}, and it {left}: a proxy or "
            "an address translation stands between"
        )
        yield Evidence(PROXY, text, f"{source}: process list")
    config = seen.listening.config if seen.listening is not None else None
    if config is not None and (idle := config.idle) is not None:
        text = (
            f"{config.process} ends connections that idle for {duration(idle.seconds)} "
            f"(timeout {sanitize(idle.name)} in {sanitize(idle.where)})"
        )
        yield Evidence(PROXY_LIMIT, text, config.files[0], value=idle.seconds)


def _foreign(seen: Seen) -> bytes | None:
    """What another program than a server said."""
    if seen.heard is None or seen.heard.is_greeting:
        return None
    if seen.heard.first:
        return seen.heard.first
    reply = seen.heard.reply
    return (
        reply if reply and not (reply[3:4] == b"\0" and reply[4:5] in (b"\x0a", b"\xff")) else None
    )


def _empty(seen: Seen) -> str | None:
    """Why it is plain that no server is behind the port. A close may be the server's own."""
    heard, taker = seen.heard, seen.taker
    if heard is None or heard.is_greeting or heard.reply:
        return None
    if taker is not None and taker.is_server:
        return None
    forwarder = sanitize(taker.process) if taker is not None and taker.is_forwarder else ""
    who = f" ({forwarder} listens there)" if forwarder else ""
    if heard.ending is ConnectionEnd.SILENT:
        return f"takes connections and says nothing for {duration(round(seen.silent))}{who}"
    return f"takes connections and ends them without a word{who}" if forwarder else None


def _looked_for(done: tuple[Seen, ...]) -> Iterator[str]:
    """What was decided on every way."""
    if all(seen.heard is not None for seen in done):
        yield from (FOREIGN, SILENT)
    if all(seen.same_end is not None for seen in done):
        yield PROXY
    if any(seen.listening is not None and seen.listening.config is not None for seen in done):
        yield PROXY_LIMIT


def _headline(done: tuple[Seen, ...], evidence: tuple[Evidence, ...]) -> str:
    told = [e for e in evidence if e.signal in (FOREIGN, SILENT)]
    if told:
        return told[0].text
    seen = done[-1]
    if seen.closed:
        return seen.closed
    who = f"a server answers ({seen.greeting})" if seen.greeting else _other(seen)
    between = next((e.text for e in evidence if e.signal == PROXY), "")
    if between:
        return f"{who}; {between}"
    if seen.same_end:
        return f"{who}; nothing between changes the addresses"
    return who


def _other(seen: Seen) -> str:
    if seen.refused:
        return seen.refused
    if seen.silent:
        return f"the port takes connections and says nothing for {duration(round(seen.silent))}"
    if seen.heard is not None and seen.heard.ending is not None:
        return "the port takes the connection and ends it without a word"
    return "a server greets"


def _facts(seen: Seen) -> dict[str, Scalar]:
    foreign = _foreign(seen)
    proxy = next((peer.name for peer in seen.peers if peer.is_proxy), None)
    taker = seen.taker
    if proxy is None and taker is not None and taker.is_forwarder:
        proxy = taker.process
    if proxy is None and seen.same_end is False:
        proxy = "unknown"
    config = seen.listening.config if seen.listening is not None else None
    idle = config.idle if config is not None else None
    return {
        "answered_by": speaker(foreign) if foreign is not None else seen.greeting or None,
        "proxy": proxy,
        "proxy_timeout": int(idle.seconds) if idle is not None else None,
        "path_mtu": seen.echo.largest if seen.echo is not None else seen.socket_mtu,
        "listener": taker.process if taker is not None else None,
    }


def _opens(_limits: ProbeLimits) -> str:
    return (
        "one session a way, and some echo requests; three connections that only listen, for at "
        "most 40 s, where no server greets"
    )


STEP = Step(*names.PATH, run)
PROBE = Probe(STEP, _opens)
