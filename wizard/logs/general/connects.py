"""How many connected and quit in one general log, and who never did."""

from dataclasses import dataclass
from datetime import datetime

from wizard.logs.engine.tally import Names
from wizard.logs.general.never_quit import Sessions


@dataclass(frozen=True, slots=True)
class Connects:
    """`size` are the bytes that were read; `examples` and `accounts` are of those that did not
    quit, `connected_by` of all that connected."""

    size: int
    connected: int
    quits: int
    refused: int
    never_quit: int
    first: datetime | None
    last: datetime | None
    examples: tuple[str, ...]
    accounts: Names
    connected_by: Names


def connects_of(told: Sessions) -> Connects:
    return Connects(
        told.size, told.connected, told.quits, told.refused, told.never_quit, told.first,
        told.last, tuple(told.examples), told.accounts(), told.connected_by(),
    )  # fmt: skip
