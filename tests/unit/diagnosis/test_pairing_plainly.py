"""Pairs of failures and ends are those that a plain search through all of them finds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.case import clocks
from wizard.case.evidence import Failure, Occurrence
from wizard.diagnosis.derived.pairing import paired
from wizard.diagnosis.ends import user_of

BEGAN = datetime(2026, 8, 5, 12, tzinfo=UTC)
SLACK = clocks.WHOLE_SECONDS.total_seconds()
"""By how much a log of whole seconds may be off."""

seconds = st.integers(0, 400).map(lambda tenths: tenths / 10)
users = st.sampled_from([None, "a", "b"])
numbers = st.none() | st.integers(1, 4)


def moment(second: float) -> datetime:
    return BEGAN + timedelta(seconds=second)


failures = st.builds(
    lambda at, user, number, idle: Failure(
        "client.lost", "gone", "app.log:1", moment(at), account=user and f"{user}@web",
        connection_id=number, idle_seconds=idle,
    ),
    seconds, users, numbers, st.none() | st.integers(0, 20).map(float),
)  # fmt: skip
ends = st.builds(
    lambda at, user, number: Occurrence(
        at=moment(at), account=user and f"'{user}'@'10.0.0.1'", connection_id=number
    ),
    seconds, users, numbers,
)  # fmt: skip


def plainly(
    told: Sequence[Failure], seen: Sequence[Occurrence], unknown: float, lead: float
) -> list[tuple[int, int]]:
    """The places of each failure and of its end."""
    named = {f.connection_id for f in told if f.connection_id is not None}
    free = list(range(len(seen)))
    pairs = []
    for place, failure in enumerate(told):
        at = _second(failure)
        until = at - lead
        own = [n for n in free if failure.connection_id == seen[n].connection_id in named]
        own.sort(key=lambda n: abs(_second(seen[n]) - until))
        if not own or _second(seen[own[0]]) > until:
            rest = failure.idle_seconds
            since = at - (unknown if rest is None else rest + SLACK)
            own = [n for n in free if _can_be(failure, seen[n], named)]
            own = [n for n in own if since <= _second(seen[n]) <= until]
            own.sort(key=lambda n: _second(seen[n]))
        if own:
            free.remove(own[0])
            pairs.append((place, own[0]))
    return pairs


def _second(of: Failure | Occurrence) -> float:
    return of.at.timestamp() if of.at else 0.0


def _can_be(failure: Failure, end: Occurrence, named: set[int]) -> bool:
    if end.connection_id in named:
        return False
    if failure.connection_id is not None and end.connection_id is not None:
        return False
    return failure.account is None or user_of(end.account) in (None, user_of(failure.account))


def distinct(seen: list[Occurrence]) -> list[Occurrence]:
    """No two in the same moment: which of them is taken is told nowhere."""
    return sorted({_second(o): o for o in seen}.values(), key=_second)


@settings(max_examples=100, deadline=None)
@given(
    told=st.lists(failures, max_size=14),
    seen=st.lists(ends, max_size=14).map(distinct),
    unknown=st.sampled_from([0.0, 5.0, 60.0]),
    lead=st.sampled_from([-SLACK, 1.5, -60.0]),
)
def test_the_index_finds_what_a_plain_search_finds(
    told: list[Failure], seen: list[Occurrence], unknown: float, lead: float
) -> None:
    found = paired(told, seen, timedelta(seconds=unknown), timedelta(seconds=lead))
    failure_at = {id(f): n for n, f in enumerate(told)}
    end_at = {id(o): n for n, o in enumerate(seen)}
    places = [(failure_at[id(f)], end_at[id(o)]) for f, o in found]
    assert places == plainly(told, seen, unknown, lead)
