"""What a path shows, as rows and sentences."""

from collections.abc import Iterator

from wizard.case.evidence import Table
from wizard.probes.path.look import TIMEOUTS, Seen
from wizard.probes.path.machine_ends import KERNEL, End, is_own
from wizard.safety.sanitize import sanitize
from wizard.server.connection_end import ConnectionEnd
from wizard.server.foreign_greeting import speaker
from wizard.units import duration

_SPARE = 0.9
"""A keepalive that comes this share of an idle limit, or earlier, keeps the flow."""


def table(seen: Seen) -> Table:
    rows = tuple((what, value) for what, value in _rows(seen) if value)
    return Table(f"The path {seen.way.label}", ("what", "value"), rows)


def _rows(seen: Seen) -> Iterator[tuple[str, str]]:
    yield "goes to", sanitize(seen.way.target.label)
    yield "answers", seen.closed or _answers(seen)
    yield "login", seen.refused
    yield "recognised", ", ".join(f"{p.name} (by {p.told_by})" for p in seen.peers)
    yield "leaves from", seen.ours
    yield "server sees it from", seen.seen_as
    if seen.route is not None:
        via = f" via {seen.route.via}" if seen.route.via else ""
        yield "route", f"{seen.route.device}{via}, MTU {seen.route.mtu or 'unknown'}"
    if seen.socket_mtu is not None:
        yield "MTU of the connection", f"{seen.socket_mtu}, segments of {seen.segment} bytes"
    if seen.figures:
        yield "as ss -ti has it", ", ".join(f"{k} {v}" for k, v in seen.figures.items())
    yield "largest echo", _echo(seen)
    if seen.listening is not None:
        for at in seen.listening.found:
            queue = f", {at.waiting} of {at.backlog} waiting" if at.backlog is not None else ""
            yield (
                f"listens on {seen.listening.label}",
                f"{at.process or '?'} at {at.address}{queue}",
            )
    if seen.keepalives is not None:
        told = f"{seen.keepalives.keepalive} of {seen.keepalives.open} sessions"
        yield "keepalive on at the server", told


def _answers(seen: Seen) -> str:
    heard = seen.heard
    if seen.greeting:
        return f"a server, with the greeting {seen.greeting}"
    if heard is None:
        return ""
    if heard.is_greeting:
        return "a server"
    if said := heard.first or heard.reply:
        return speaker(said)
    if heard.ending is ConnectionEnd.SILENT:
        return f"nobody, for {duration(round(seen.silent))}"
    return f"nobody: {heard.ending} after {duration(heard.seconds)}"


def _echo(seen: Seen) -> str:
    if seen.echo is None:
        return ""
    if seen.echo.is_whole:
        return f"{seen.echo.largest} bytes, as much as the route takes"
    how = "larger ones are reported as too big" if seen.echo.reported else "larger ones vanish"
    return f"{seen.echo.largest} bytes; {how}"


def timeouts(seen: Seen) -> Table:
    """Of both ends, and of the proxy whose configuration was read."""
    client, server = seen.end, seen.server_end
    rows = [
        (f"net.ipv4.{name}", _kernel(client, name), _kernel(server, name))
        for name in KERNEL
        if _kernel(client, name) or _kernel(server, name)
    ]
    rows += [(n, "", seen.variables[n]) for n in TIMEOUTS if n in seen.variables]
    note = ""
    config = seen.listening.config if seen.listening is not None else None
    if config is not None:
        rows += [(f"{config.process}: {t.name}", duration(t.seconds), "") for t in config.timeouts]
        note = f"the proxy's are from {', '.join(config.files)}" if config.files else config.problem
    ours = client.label if client is not None else "client"
    theirs = server.label if server is not None else "server"
    return Table(
        f"Keepalive and timeouts {seen.way.label}", ("setting", ours, theirs), tuple(rows), note
    )


def _kernel(end: End | None, name: str) -> str:
    return str(end.kernel[name]) if end is not None and name in end.kernel else ""


def notes(seen: Seen) -> Iterator[str]:
    label = seen.way.label
    yield from (f"{label}: {problem}" for problem in seen.problems)
    if seen.refused:
        yield f"{label}: no login: {seen.refused}"
    if seen.closed and seen.listening is not None:
        where = ", ".join(f"{at.address} ({at.process or '?'})" for at in seen.listening.found)
        yield f"{label}: on {seen.listening.label} the port is open at {where or 'no address'}"
    for peer in seen.peers:
        idle = (
            f"; it ends idle connections after {duration(peer.idle_seconds)} by default"
            if (peer.idle_seconds)
            else ""
        )
        yield f"{label}: this is {peer.name}, told by {peer.told_by}{idle}"
    yield from (f"{label}: {text}" for text in _mtu_notes(seen))
    taker = seen.taker
    if taker is not None and taker.is_server and seen.silent:
        yield f"{label}: {taker.process} itself listens there, and has not greeted: it hangs"
    if taker is not None and taker.is_full:
        yield (
            f"{label}: {taker.waiting} connections wait to be accepted by {taker.process or '?'}, "
            f"whose queue holds {taker.backlog}: further ones time out"
        )
    config = seen.listening.config if seen.listening is not None else None
    if config is not None and config.problem:
        yield f"{label}: the configuration of {config.process} was not read: {config.problem}"
    if config is not None and config.timeouts:
        listed = ", ".join(f"{t.name} {duration(t.seconds)}" for t in config.timeouts)
        yield f"{label}: timeouts of {config.process} in {', '.join(config.files)}: {listed}"


def _mtu_notes(seen: Seen) -> Iterator[str]:
    echo = seen.echo
    if not seen.theirs or seen.end is None or is_own(seen.theirs, seen.end):
        return
    if echo is None:
        yield "the path's MTU was not measured: no echo request is answered or allowed"
    elif echo.is_whole:
        yield f"packets of {echo.largest} bytes pass whole, as much as the route takes"
    elif echo.reported:
        yield (
            f"the path takes packets of {echo.largest} bytes, where the route would take "
            f"{echo.top}; larger ones are reported as too big, so TCP adapts"
        )
    else:
        yield (
            f"echo requests above {echo.largest} bytes vanish (the route would take {echo.top}); "
            "a filter for large pings does that too: the packet ladder decides"
        )


def keepalive_notes(seen: Seen) -> Iterator[str]:
    """Keepalive against the idle limits that are known on the way."""
    label = seen.way.label
    limits = [p.idle_seconds for p in seen.peers if p.idle_seconds and not p.is_proxy]
    first = seen.end.kernel.get("tcp_keepalive_time") if seen.end is not None else None
    for limit in limits[:1]:
        if first is not None and first > limit * _SPARE:
            yield (
                f"{label}: TCP keepalive begins after {duration(first)}, and idle connections are "
                f"dropped after {duration(limit)} here: it keeps none of them"
            )
    config = seen.listening.config if seen.listening is not None else None
    if config is not None and config.idle is not None and first is not None:
        yield (
            f"{label}: TCP keepalive ({duration(first)}) does not count for {config.process}: "
            f"only data does, and its limit is {duration(config.idle.seconds)}"
        )
    known = seen.keepalives
    if known is not None and known.open > known.keepalive:
        off = known.open - known.keepalive
        yield f"{label}: {off} of {known.open} sessions at the server have no keepalive timer"
