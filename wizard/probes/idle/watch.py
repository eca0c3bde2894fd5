"""The idle ladder along one way: its rungs opened, watched, asked and closed.

One thread watches every connection; logins, which may take long, are made in others.
"""

from concurrent.futures import Future
from dataclasses import dataclass

from wizard.probes.idle.ladder import first_rungs, further_rungs, overdue
from wizard.probes.idle.rung import Rung, open_rung
from wizard.probes.shared.background import drop, in_background
from wizard.probes.shared.outcomes import PRECISION, Outcome, PlannedRung
from wizard.probes.shared.session_room import NO_ROOM, Scene, look_around
from wizard.probes.shared.still_listed import Listing
from wizard.probes.shared.way import Way
from wizard.server.session import ServerError

_FAILED_LOGINS = 3


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What was seen after a ladder.

    By how much Com_kill has risen, None where unknown, and whether the server itself went away
    meanwhile.
    """

    kills: int | None
    server_left: bool


class Watch:
    """The ladder along one way. `outcomes` grows while it is climbed."""

    def __init__(self, way: Way, scene: Scene, limit: float) -> None:
        """Raises Skip where the server has no room."""
        self.way, self.scene, self.limit = way, scene, limit
        self.raised_to = round(max(2 * limit, limit + 60))
        self.most = scene.share(least=2)
        self.rungs: list[Rung] = []
        self.refusals: list[ServerError] = []
        self._opening: dict[Future[Rung], PlannedRung] = {}
        self._listing = Listing(way)
        for wanted in first_rungs(limit, scene.wait_timeout, self.most):
            self._open(wanted)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(r.outcome for r in self.rungs if r.outcome is not None)

    @property
    def live(self) -> tuple[Rung, ...]:
        return tuple(r for r in self.rungs if r.outcome is None)

    @property
    def busy(self) -> bool:
        return bool(self._opening or self.live or self._listing.busy)

    @property
    def opening(self) -> tuple[PlannedRung, ...]:
        return tuple(self._opening.values())

    @property
    def left(self) -> tuple[Rung, ...]:
        """Those that the server could not be told to end."""
        silent = (r for r in self.rungs if r.outcome is not None and not r.outcome.alive)
        return tuple(r for r in silent if r.outcome and r.outcome.asked and r.outcome.listed)

    @property
    def full(self) -> bool:
        """Whether no more connections are to be opened."""
        return len(self.refusals) >= _FAILED_LOGINS or any(
            refusal.number in NO_ROOM for refusal in self.refusals
        )

    def advance(self, now: float) -> None:
        """Do what is due; never waits."""
        self._take_opened()
        for rung in self.live:
            rung.look(now)
            if rung.outcome is None and rung.asked_at is None and now >= self._due(rung):
                rung.ask(now)
            rung.give_up_if_late(now)
            if rung.outcome is not None:
                rung.close()
        self._listing.advance(self.rungs)
        if not self._opening:
            self._plan()

    def looked_after(self) -> Aftermath:
        """What the server tells where connections ended by themselves."""
        if not any(not o.alive and not o.asked for o in self.outcomes):
            return Aftermath(None, False)
        try:
            now = look_around(self.way)
        except ServerError:
            return Aftermath(None, True)
        then = self.scene
        kills = None if now.kills is None or then.kills is None else now.kills - then.kills
        known = now.uptime is not None and then.uptime is not None
        return Aftermath(kills, known and (now.uptime or 0) < (then.uptime or 0))

    def close(self) -> None:
        """End every connection, also those that are still being opened."""
        for future in self._opening:
            drop(future, Rung.close)
        for rung in self.live:
            rung.close()

    def _due(self, rung: Rung) -> float:
        known = overdue(self.outcomes, rung.wanted.half)
        return rung.due if known is None else min(rung.due, rung.began + known + PRECISION)

    def _open(self, wanted: PlannedRung) -> None:
        future = in_background(lambda: open_rung(self.way, wanted, self.raised_to))
        self._opening[future] = wanted

    def _take_opened(self) -> None:
        for future in [future for future in self._opening if future.done()]:
            del self._opening[future]
            try:
                self.rungs.append(future.result())
            except ServerError as refusal:
                self.refusals.append(refusal)
        if self.full:
            for future in [future for future in self._opening if future.cancel()]:
                del self._opening[future]

    def _plan(self) -> None:
        if self.full:
            return
        room = self.most - len(self.live) - len(self.left)
        pending = [rung.wanted for rung in self.live]
        for wanted in further_rungs(self.outcomes, pending, room):
            self._open(wanted)
