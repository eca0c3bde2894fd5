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

LAST_WORDS = frozenset(("client.idle-disconnect", "client.killed", "client.shutdown",
                        "client.packet-too-large", "client.memory-limit"))  # fmt: skip
"""What a server says before it closes a connection."""

NOTHING = "nothing that was looked at explains it"
LOST_BEFORE = "that connection had been lost before"

_AT_ONCE = 2.0
"""Seconds within which a second word of one connection is of the same loss."""

_TRIES = 30.0
"""Seconds within which a program that does not recover tries the dead connection again."""


def leaders(told: Sequence[Seen]) -> dict[int, int]:
    """The failures that only tell again that a connection is gone, each with the first to tell.

    The same log names the same connection, a moment after it was lost.
    """
    found: dict[int, int] = {}
    first: dict[tuple[str, int], int] = {}
    for index in _order(told):
        one = told[index]
        if one.number is None or one.at is None:
            continue
        key = (one.log, one.number)
        leader = first.get(key)
        if leader is not None and one.signal in LOSSES and _at_once(one, told[leader]):
            found[index] = leader
        elif one.signal in LOSSES or one.signal in LAST_WORDS:
            first[key] = index
    return found


def _at_once(later: Seen, lost: Seen) -> bool:
    return later.at is not None and lost.at is not None and later.at - lost.at <= _AT_ONCE


def followed(
    told: Sequence[Seen],
    chosen: Mapping[int, Match],
    echoes: Mapping[int, int],
    rivals: Mapping[int, str],
) -> tuple[Attribution, ...]:
    """What each failure was put down to, echoes with their loss.

    One that only says again that its connection is gone goes with the loss before it. `rivals`
    are the other causes that failures without a time may be of.
    """
    result: dict[int, Attribution] = {}
    lost: Attribution | None = None
    of_connection: dict[int, Attribution] = {}
    of_log: dict[str, Attribution] = {}
    for index in _order(told):
        one, best = told[index], chosen.get(index)
        number = one.number
        before = of_connection.get(number) if number is not None else None
        leader = result.get(echoes.get(index, -1))
        if leader is not None:
            found = _again(one, leader)
        elif best is not None:
            cause, rival = best.stock.clue.cause.id, rivals.get(index, "")
            because = f"{best.told}, or {rival}" if rival else best.told
            found = Attribution(one.failure, cause, because, best.doubtful, rival)
        elif before is not None and one.signal in LOSSES and _soon(one.failure, before.failure):
            found = _again(one, before)
        elif lost is not None and one.signal == AGAIN and _soon(one.failure, lost.failure):
            found = _again(one, lost)
        elif (said := _said_again(one, of_log)) is not None:
            found = _again(one, said)
        else:
            found = Attribution(one.failure, None, NOTHING)
        if number is not None and found.cause is not None:
            of_connection[number] = found
        if one.signal != AGAIN:
            lost = found
        of_log[one.log] = found
        result[index] = found
    return tuple(result[i] for i in range(len(told)))


def _again(one: Seen, lost: Attribution) -> Attribution:
    return Attribution(one.failure, lost.cause, LOST_BEFORE, lost.doubtful, lost.rival)


def _said_again(one: Seen, of_log: Mapping[str, Attribution]) -> Attribution | None:
    """The loss before, where a log of one connection says no more than that it is gone still."""
    before = of_log.get(one.log)
    if before is None or not one.alone or one.signal not in LOSSES or one.at is None:
        return None
    lost = before.failure
    if before.cause is None or lost.at is None or lost.signal not in (*LOSSES, *LAST_WORDS):
        return None
    recovered = one.worked is not None and one.worked >= lost.at.timestamp()
    return before if not recovered and one.at - lost.at.timestamp() <= _TRIES else None


def _soon(failure: Failure, lost: Failure) -> bool:
    if failure.at is None or lost.at is None:
        return True
    return failure.at - lost.at <= clocks.ECHO


def _order(told: Sequence[Seen]) -> list[int]:
    """The failures' places by time; those without one come last."""
    stamps = [one.at if one.at is not None else float("inf") for one in told]
    return sorted(range(len(told)), key=stamps.__getitem__)
