"""The packet ladder: the largest statement and the largest answer that pass on this path.

Facts: `packet_limit_measured` (bytes: the most that passes to the server, to the KiB; missing
where no limit was met), `packet_limit_by` (`server`, `path`, `black hole`, `stalls`, `nothing` or
`unknown`), `packet_passes` (bytes: the largest statement that passed), `throughput_up` and
`throughput_down` (bytes a second of the largest packet). Of several ways the narrowest counts.
"""

import time
from collections.abc import Iterator, Mapping, Sequence

from wizard.case.evidence import Evidence, Samples, Scalar, StepResult, StepStatus, Table
from wizard.probes.packet.climb import TOTAL_SECONDS, Climb, climb
from wizard.probes.packet.handshake import SEGMENT
from wizard.probes.packet.ladder import LARGEST_FRAME, By, Direction, PacketVerdict
from wizard.probes.probe import Probe
from wizard.probes.shared.own_errors import LOST
from wizard.probes.shared.way import Way, ways
from wizard.server.connection_end import ConnectionEnd
from wizard.server.session import CannotConnect
from wizard.steps import names
from wizard.steps.limits import ProbeLimits
from wizard.steps.own_traces import leave_traces
from wizard.steps.step import Context, Step
from wizard.units import size as amount

BLACK_HOLE, PATH_LIMIT, LIMIT = "probe.black-hole", "probe.packet-path-limit", "probe.packet-limit"

_WHAT = {Direction.UP: "statements", Direction.DOWN: "answers"}
_NOTED_LATE = 60.0
"""Seconds within which a server notices a session that was reset: net_write_timeout."""

_DECIDED = (By.SERVER, By.NOTHING, By.PATH)


def run(context: Context) -> StepResult:
    done: list[Climb] = []
    refused: dict[str, str] = {}
    for way in ways(context):
        context.progress(f"growing packets {way.label}")
        try:
            done.append(_along(context, way, tuple(done)))
        except CannotConnect as error:
            refused[way.label] = str(error)
    if not done:
        return STEP.failed(next(iter(refused.values())))
    notes = (f"{label}: not tried: {reason}" for label, reason in refused.items())
    return _result(StepStatus.DONE, tuple(done), not refused, tuple(notes))


def _along(context: Context, way: Way, before: tuple[Climb, ...]) -> Climb:
    def advanced(state: Climb) -> None:
        largest = max(t.size for tries in state.tries.values() for t in tries)
        context.progress(f"{way.label}: {amount(largest)} tried")
        context.publish(_result(StepStatus.RUNNING, (*before, state), False, ()))

    def lost(connection_id: int) -> None:
        _leave(context, state, (connection_id,), {})

    state = Climb(way, context.limits.packet_bytes)
    try:
        climb(state, context.checkpoint, advanced, lost)
    finally:
        _leave(context, state, (), dict.fromkeys(LOST, state.counted) if state.counted else {})
    return state


def _leave(
    context: Context, state: Climb, connections: Sequence[int], errors: Mapping[int, int]
) -> None:
    """Sessions are written down as they are lost: who watches the server tells of them at once.

    A proxy's are not: the server lost none of that number, and may have one of the application's.
    """
    if state.is_proxied:
        return
    leave_traces(
        context,
        seconds=time.monotonic() - state.began,
        lasting=_NOTED_LATE,
        connections=connections,
        errors=errors,
        server=state.server,
        user=state.user,
    )


def _result(
    status: StepStatus, done: tuple[Climb, ...], complete: bool, notes: tuple[str, ...]
) -> StepResult:
    evidence = tuple(e for state in done for e in _evidence(state))
    return StepResult(
        STEP.id,
        status,
        headline=_headline(done, evidence),
        evidence=evidence,
        looked_for=tuple(_looked_for(done, evidence)) if complete else (),
        tables=tuple(_table(state) for state in done),
        notes=(*notes, *(note for state in done for note in _notes(state))),
        facts=_facts(done),
        samples=tuple(s for state in done for s in _samples(state)),
    )


def _evidence(state: Climb) -> Iterator[Evidence]:
    source = f"packet ladder {state.way.label}"
    found = {direction: state.verdict(direction) for direction in Direction}
    holes = [d for d in Direction if found[d].by is By.BLACK_HOLE]
    if holes:
        first = found[holes[0]]
        what = " and ".join(_WHAT[d] for d in holes)
        yield Evidence(
            BLACK_HOLE,
            f"{what} of {first.passes} bytes pass, and those of {first.fails} bytes vanish without "
            "a word: a hop on the way takes smaller packets and does not say so",
            source,
            count=len([t for d in holes for t in state.tries[d] if not t.passed]),
            value=float(first.passes),
        )
    elif state.handshake is not None and state.handshake.is_black_hole:
        yield Evidence(
            BLACK_HOLE,
            f"the TLS handshake hangs, and passes in segments of {SEGMENT} bytes: a hop on the "
            "way takes smaller packets and does not say so",
            source,
            count=state.handshake.hung,
            value=float(SEGMENT),
        )
    for direction in Direction:
        if found[direction].by is By.PATH:
            yield _path_limit(state, direction, found[direction], source)
    if found[Direction.UP].by is By.SERVER and state.limit is not None:
        yield Evidence(
            LIMIT,
            f"statements pass up to the server's own max_allowed_packet, {_bytes(state.limit)}",
            source,
            value=float(state.limit),
        )


def _path_limit(state: Climb, direction: Direction, found: PacketVerdict, source: str) -> Evidence:
    return Evidence(
        PATH_LIMIT,
        f"{_WHAT[direction]} above {_bytes(found.passes)} do not pass ({_how(found)}), although "
        f"the server's max_allowed_packet is {_bytes(state.limit or 0)}",
        source,
        count=len([t for t in state.tries[direction] if t.size == found.fails and not t.passed]),
        value=float(found.passes),
    )


def _how(found: PacketVerdict) -> str:
    match found.ending:
        case ConnectionEnd.TOLD:
            return "an error says so"
        case ConnectionEnd.CLOSED:
            return "the connection is closed"
        case ConnectionEnd.RESET:
            return "the connection is reset"
        case _:
            return "no answer comes"


def _bytes(count: int) -> str:
    return f"{count} bytes ({amount(count)})" if count >= 10 << 10 else f"{count} bytes"


def _looked_for(done: tuple[Climb, ...], evidence: tuple[Evidence, ...]) -> Iterator[str]:
    """What was decided on every way."""
    met = {e.signal for e in evidence}
    if all(state.verdict(Direction.UP).by in _DECIDED for state in done):
        yield from (LIMIT, PATH_LIMIT)
    elif PATH_LIMIT in met:
        yield PATH_LIMIT
    if BLACK_HOLE in met or all(
        state.verdict(direction).passes > LARGEST_FRAME for state in done for direction in Direction
    ):
        yield BLACK_HOLE


def _headline(done: tuple[Climb, ...], evidence: tuple[Evidence, ...]) -> str:
    accusing = [e for e in evidence if e.signal != LIMIT]
    if accusing:
        return accusing[0].text
    narrow = _narrowest(done)
    found = narrow.verdict(Direction.UP)
    down = narrow.verdict(Direction.DOWN).passes
    if found.by is By.SERVER:
        up = f"statements pass up to max_allowed_packet ({amount(narrow.limit)})"
    elif found.by is By.STALLS:
        up = f"a statement of {amount(found.fails)} hangs, one of {amount(found.passes)} passes"
    else:
        up = f"statements pass up to {amount(found.passes)}, the most that was tried"
    return f"{up}, answers up to {amount(down)}"


def _narrowest(done: tuple[Climb, ...]) -> Climb:
    return min(done, key=lambda state: state.verdict(Direction.UP).passes)


def _notes(state: Climb) -> Iterator[str]:
    label = state.way.label
    if state.handshake is not None and state.ladders:
        yield (
            f"{label}: the TLS handshake hangs, so the packets went without TLS; a certificate "
            "fills more than one segment"
        )
    yield from (f"{label}: {remark}" for remark in state.remarks)
    if state.stopped:
        yield f"{label}: {state.stopped}; what is larger was not tried"
    for direction in Direction:
        found = state.verdict(direction)
        if found.by is By.STALLS:
            yield (
                f"{label}: {_WHAT[direction]} of {amount(found.fails)} hang; loss or a slow "
                "server does that too, so it is held against nobody: see the latency probe"
            )
        lost = len([t for t in state.tries[direction] if not t.passed and t.size < found.passes])
        if lost:
            yield f"{label}: {lost} {_WHAT[direction]} were lost that passed when repeated"
    if state.lost:
        yield (
            f"{label}: sessions of this probe that could not end with COM_QUIT: {len(state.lost)}; "
            "the server counts them as aborted and may log them; later looks from this account "
            "leave them out"
        )


def _table(state: Climb) -> Table:
    every = sorted({t.size for tries in state.tries.values() for t in tries})
    rows = tuple(
        (str(size), *(cell for d in Direction for cell in _cells(state, d, size))) for size in every
    )
    columns = ("bytes", "up", "seconds", "down", "seconds")
    return Table(f"Packets {state.way.label}", columns, rows)


def _cells(state: Climb, direction: Direction, size: int) -> tuple[str, str]:
    """What became of this size, and how long the last try took."""
    tries = [t for t in state.tries[direction] if t.size == size]
    if not tries:
        return "", ""
    last = tries[-1]
    word = "passes" if last.ending is None else str(last.number or last.ending.value)
    again = f" ({len(tries)} tries)" if len(tries) > 1 else ""
    return f"{word}{again}", f"{last.seconds:.3f}"


def _samples(state: Climb) -> Iterator[Samples]:
    for direction in Direction:
        passed = sorted((t for t in state.tries[direction] if t.passed), key=lambda t: t.size)
        if passed:
            title = f"packets {direction}, {state.way.label}"
            yield Samples(f"{title}: size", "bytes", tuple(float(t.size) for t in passed))
            yield Samples(title, "s", tuple(round(t.seconds, 6) for t in passed))


def _facts(done: tuple[Climb, ...]) -> dict[str, Scalar]:
    narrow = _narrowest(done)
    found = narrow.verdict(Direction.UP)
    hole = any(e.signal == BLACK_HOLE for state in done for e in _evidence(state))
    facts: dict[str, Scalar] = {
        "packet_limit_by": By.BLACK_HOLE.value if hole else found.by.value,
        "packet_passes": found.passes,
    }
    if found.by is By.SERVER:
        facts["packet_limit_measured"] = narrow.limit
    elif found.by is By.PATH:
        facts["packet_limit_measured"] = found.passes
    for direction in Direction:
        if (rate := narrow.rate(direction)) is not None:
            facts[f"throughput_{direction}"] = round(rate)
    return facts


def _opens(limits: ProbeLimits) -> str:
    return (
        "sessions one after the other, with statements and answers that grow to at most "
        f"{amount(limits.packet_bytes)} and never above max_allowed_packet, for at most "
        f"{TOTAL_SECONDS:.0f} s a way; the server holds the largest in memory, a few times over"
    )


STEP = Step(*names.PACKET, run)
PROBE = Probe(STEP, _opens)
