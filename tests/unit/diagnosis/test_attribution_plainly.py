"""Who looks only where something can be found finds what a look at everything finds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.load import load
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase
from wizard.diagnosis import attribution
from wizard.diagnosis.desk import Desk
from wizard.diagnosis.ends import Line, Taken, ahead, earliest, in_order, latest, nearest
from wizard.diagnosis.matching import sessions
from wizard.diagnosis.matching.clues import OWN_WORDS, Clue, Match
from wizard.diagnosis.matching.match import rule_for
from wizard.diagnosis.matching.seen import Seen

BEGAN = datetime(2026, 8, 5, 12, tzinfo=UTC)
WORDS = "the error's own words"

Found = tuple[float, Occurrence] | None

USES = [
    (cause, use)
    for cause in load().causes.values()
    for use in cause.supports
    if use.match and not use.absent
]
SIGNALS = ("client.lost", "client.lost", "client.sending-packet", "client.refused",
           "client.killed", "client.idle-disconnect", "client.closed-object",
           "client.read-timeout", "client.packet-too-large")  # fmt: skip
USERS = (None, "a@web", "'a'@'10.0.0.1'", "b@web")


class Draw(Random):
    """Failures and clues at random, a few that lie near each other in every way."""

    def moment(self) -> datetime:
        """A tenth or a whole second, so that many are of one moment."""
        second = self.randrange(25) if self.random() < 0.5 else self.randrange(241) / 10
        return BEGAN + timedelta(seconds=second)

    def failure(self) -> Failure:
        return Failure(
            self.choice(SIGNALS),
            "gone",
            self.choice(("a.log:1", "a.log:2", "b.log:1")),
            at=self.choice((None, *[self.moment()] * 3)),
            number=self.choice((2006, 2013)),
            phase=self.choice(list(Phase)),
            idle_seconds=self.choice((None, 0.0, 1.0, 5.0, 10.0, 12.0)),
            size=self.choice((None, 10, 2000)),
            account=self.choice(USERS),
            connection_id=self.choice((None, None, 1, 2, 3, 4)),
            worked=self.choice((None, self.moment())),
        )

    def clue(self) -> Clue:
        cause, use = self.choice(USES)
        seen = [
            Occurrence(
                at=self.moment(),
                connection_id=self.choice((None, 1, 2, 3, 4)),
                account=self.choice(USERS),
                seconds=self.choice((None, 0.0, 1.0, 5.0, 10.0, 12.0)),
            )
            for _ in range(self.randint(1, 8))
        ]
        times = [o.at for o in seen if o.at is not None]
        found = Evidence(
            use.signal, "t", "s", len(seen) + self.choice((0, 0, 1, 3)), min(times), max(times),
            value=self.choice((None, 5.0, 10.0)), occurrences=tuple(seen),
        )  # fmt: skip
        return Clue(cause, use, found, self.choice((1.0, 0.5)), self.random() < 0.5)


class ExhaustiveDesk(Desk):
    """Looks at every clue for every failure and compares all that it finds."""

    def best(self, one: Seen) -> Match | None:
        signal = one.signal
        said = [
            Match(s.strength + (OWN_WORDS if s.clue.use.conclusive else 0.0), s, WORDS)
            for s in self._stocks
            if s.kind == "text" and s.clue.use.signal == signal
        ]
        fit = [s for s in self._stocks if s.kind != "text" and signal in s.clue.cause.fits]
        matches = [m for s in fit if (m := rule_for(s.kind)(one, s)) is not None]
        words, best = _best(said), _best(matches)
        if words is not None and (best is None or words.score >= best.score):
            return _best([m for m in matches if m.in_outage]) or words
        if best is not None and _is_no_proof(best):
            return _best([m for m in matches if m.stock.clue.tried]) or best
        return best


def _best(matches: Sequence[Match]) -> Match | None:
    return max(matches, key=lambda m: m.score, default=None)


def _is_no_proof(best: Match) -> bool:
    use = best.stock.clue.use
    named = best.end is not None and best.end.connection_id is not None
    return use.match == "session" and not use.conclusive and not named


def _free(lines: Sequence[Line], since: float, until: float) -> list[tuple[float, Occurrence]]:
    return [
        (time, end)
        for line in lines
        for time, end in zip(line.times, line.ends, strict=True)
        if since <= time <= until and id(end) not in line.taken
    ]


def plain_latest(lines: Sequence[Line], since: float, until: float) -> Found:
    """Of one moment the first line's, and of a line the last."""
    each = [_free([line], since, until)[-1:] for line in lines]
    return max((f for found in each for f in found), key=lambda f: f[0], default=None)


def plain_earliest(lines: Sequence[Line], since: float, until: float) -> Found:
    return min(_free(lines, since, until), key=lambda f: f[0], default=None)


def plain_nearest(
    lines: Sequence[Line], moment: float, since: float, until: float, enough: float
) -> Found:
    before, after = plain_latest(lines, since, moment), plain_earliest(lines, moment, until)
    if before is None or after is None:
        return before or after
    apart = moment - before[0]
    return before if apart <= enough or apart <= ahead(after[0] - moment) else after


def test_a_look_at_every_clue_and_every_end_attributes_the_same() -> None:
    for seed in range(6000):
        draw = Draw(seed)
        told = [draw.failure() for _ in range(draw.randint(1, 12))]
        known = [draw.clue() for _ in range(draw.randint(1, 6))]
        resets = draw.random() < 0.5
        found = attribution.attribute(told, known, resets)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(attribution, "Desk", ExhaustiveDesk)
            patched.setattr(sessions, "nearest", plain_nearest)
            patched.setattr(sessions, "latest", plain_latest)
            assert attribution.attribute(told, known, resets) == found, seed


@settings(max_examples=200, deadline=None)
@given(
    seen=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 12)), max_size=14),
    looks=st.lists(
        st.tuples(*[st.integers(-1, 13).map(float)] * 3, st.sampled_from([1.0, 3.0, float("inf")])),
        max_size=20,
    ),
)
def test_what_is_free_is_found_whatever_was_taken_before(
    seen: list[tuple[str, int]], looks: list[tuple[float, float, float, float]]
) -> None:
    taken = Taken()
    lines = [
        Line(*in_order(times, [Occurrence(account=of, line=n) for n in range(len(times))]), taken)
        for of in "ab"
        for times in [[float(at) for line, at in seen if line == of]]
    ]
    for moment, since, until, enough in looks:
        assert latest(lines, since, until) == plain_latest(lines, since, until)
        first = plain_earliest(lines, since, until)
        assert earliest(lines, since, until) == (None if first is None else first[1])
        found = nearest(lines, moment, since, until, enough)
        assert found == plain_nearest(lines, moment, since, until, enough)
        if found is not None:
            taken.take(found[1])
