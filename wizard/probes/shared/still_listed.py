"""Which sessions the server still lists after the client lost them."""

import contextlib
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Protocol

from wizard.probes.shared.background import in_background
from wizard.probes.shared.outcomes import Outcome, with_listing
from wizard.probes.shared.session_room import listed
from wizard.probes.shared.way import Way
from wizard.server.session import ServerError


class Watched(Protocol):
    """A connection of a probe; `connection_id` is the server's, `outcome` how it ended."""

    connection_id: int
    outcome: Outcome | None


class Listing:
    """Asks for each lost connection once, on other sessions, beside the loop that watches."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self._asking: Future[frozenset[int]] | None = None
        self._asked_for: tuple[Watched, ...] = ()
        self._known: set[int] = set()

    @property
    def busy(self) -> bool:
        return self._asking is not None

    def advance(self, watched: Iterable[Watched]) -> None:
        """Take an answer into the outcomes, and ask for those that were lost since; never
        waits."""
        if self._asking is not None and self._asking.done():
            # Where the server does not tell, `listed` stays unknown.
            with contextlib.suppress(ServerError):
                found = self._asking.result()
                for one in self._asked_for:
                    if one.outcome is not None:
                        there = one.connection_id in found
                        one.outcome = with_listing(one.outcome, there)
            self._asking = None
        lost = tuple(
            one
            for one in watched
            if one.outcome is not None
            and not one.outcome.alive
            and one.connection_id not in self._known
        )
        if self._asking is None and lost:
            ids = [one.connection_id for one in lost]
            self._known.update(ids)
            self._asked_for = lost
            self._asking = in_background(lambda: listed(self._way, ids))
