"""Later uses of a connection that was lost before: they go with its loss."""

from collections.abc import Mapping, Sequence

from wizard.case import clocks
from wizard.case.evidence import Failure
from wizard.diagnosis.matching.clues import Match
from wizard.diagnosis.matching.seen import Seen
from wizard.diagnosis.model import Attribution

AGAIN = "client.closed-object"
"""What a driver says at every later use of a connection that it has lost."""

LOSSES = frozenset(("client.lost", "client.sending-packet", AGAIN))

NOTHING = "nothing that was looked at explains it"
LOST_BEFORE = "that connection had been lost before"


def followed(told: Sequence[Seen], chosen: Mapping[int, Match]) -> tuple[Attribution, ...]:
    """What each failure was put down to, echoes with their loss.

    One that only says again that its connection is gone goes with the loss before it.
    """
    order = sorted(range(len(told)), key=lambda i: _stamp(told[i]))
    result: dict[int, Attribution] = {}
    lost: Attribution | None = None
    of_connection: dict[int, Attribution] = {}
    for index in order:
        one, best = told[index], chosen.get(index)
        number = one.number
        before = of_connection.get(number) if number is not None else None
        if best is not None:
            found = Attribution(one.failure, best.stock.clue.cause.id, best.told)
        elif before is not None and one.signal in LOSSES and _soon(one.failure, before.failure):
            found = Attribution(one.failure, before.cause, LOST_BEFORE)
        elif lost is not None and one.signal == AGAIN and _soon(one.failure, lost.failure):
            found = Attribution(one.failure, lost.cause, LOST_BEFORE)
        else:
            found = Attribution(one.failure, None, NOTHING)
        if number is not None and found.cause is not None:
            of_connection[number] = found
        if one.signal != AGAIN:
            lost = found
        result[index] = found
    return tuple(result[i] for i in range(len(told)))


def _soon(failure: Failure, lost: Failure) -> bool:
    if failure.at is None or lost.at is None:
        return True
    return failure.at - lost.at <= clocks.ECHO


def _stamp(one: Seen) -> float:
    return one.at if one.at is not None else float("inf")
