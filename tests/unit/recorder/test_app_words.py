"""An application's words and the end of the session that they are about find each other."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.diagnosis.model import Verdict
from wizard.logs.application.read import scan_text
from wizard.recorder.app_words import LATELY, AppWords
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import SessionSeen

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SESSION = SessionSeen(7, "app", "web1", "", "Query", 1)
IDLE = SessionSeen(8, "app", "web2", "", "Sleep", 300)
SHARED = "shared-connection"
WORDS = (
    "2026-11-28 02:00:00 ERROR jobs.child: pymysql.err.InternalError: Packet sequence number "
    "wrong - got 3 expected 1\n"
)


@pytest.fixture
def failure() -> Failure:
    found = scan_text(WORDS, Window(AT - timedelta(days=2), AT + timedelta(days=2)))
    return found.failures[0]


class Looks:
    """Looks that are a second apart: ends, then the application's words."""

    def __init__(self, failure: Failure) -> None:
        self.words = AppWords()
        self._failure = failure
        self._now = AT

    def look(self, *ended: SessionSeen, says: bool = False) -> list[RecorderEvent]:
        self._now += SECOND
        ends = [vanished(session, self._now) for session in ended]
        told = self._kept(self.words.with_words(ends))
        told += self._kept(self.words.heard(self._now, [self._failure] if says else []))
        self.words.forget(self._now)
        return told

    def _kept(self, events: Iterable[RecorderEvent]) -> list[RecorderEvent]:
        told = []
        for event in events:
            self.words.keep(event)
            told.append(event)
        return told


def vanished(session: SessionSeen, at: datetime) -> RecorderEvent:
    """The log's stamp is by the server's clock, which may be off by more than a few seconds."""
    return RecorderEvent(
        at - timedelta(minutes=3), EventKind.SESSION_ENDED, "gone", replace(session, seen_at=at),
        "client-not-closing", Verdict.CONFIRMED,
    )  # fmt: skip


def causes(events: Iterable[RecorderEvent]) -> list[tuple[str, int | None, str | None]]:
    return [
        (e.kind.value, e.session.id if e.session is not None else None, e.cause) for e in events
    ]


@pytest.fixture
def looks(failure: Failure) -> Looks:
    return Looks(failure)


def test_words_that_come_after_the_end_name_its_session(looks: Looks) -> None:
    looks.look(SESSION)
    (word,) = looks.look(says=True)
    assert causes([word]) == [("application-error", 7, SHARED)]
    assert word.verdict is Verdict.LIKELY


def test_words_that_come_before_the_end_give_it_its_cause_once(looks: Looks) -> None:
    assert causes(looks.look(says=True)) == [("application-error", None, SHARED)]
    (ended,) = looks.look(SESSION)
    assert causes([ended]) == [("session-ended", 7, SHARED)]
    assert ended.verdict is Verdict.LIKELY
    other = replace(SESSION, id=9)
    assert causes(looks.look(other)) == [("session-ended", 9, "client-not-closing")]


def test_words_are_not_of_an_idle_client_that_had_vanished_before(looks: Looks) -> None:
    looks.look(IDLE)
    assert causes(looks.look(says=True)) == [("application-error", None, SHARED)]
    assert causes(looks.look(SESSION)) == [("session-ended", 7, SHARED)]


def test_words_are_not_of_an_idle_client_that_vanishes_in_that_second(looks: Looks) -> None:
    assert causes(looks.look(IDLE, says=True)) == [("session-ended", 8, "client-not-closing")]
    assert causes(looks.look(SESSION)) == [
        ("session-ended", 7, SHARED), ("application-error", 7, SHARED),
    ]  # fmt: skip


def test_words_are_not_of_an_idle_client_that_vanishes_beside_or_before_theirs(
    looks: Looks,
) -> None:
    looks.look(says=True)
    assert causes(looks.look(IDLE)) == []
    assert causes(looks.look(SESSION)) == [
        ("session-ended", 7, SHARED), ("session-ended", 8, "client-not-closing"),
    ]  # fmt: skip


@pytest.mark.parametrize("before", [False, True])
def test_a_short_rest_may_have_been_longer_and_waits_for_what_was_at_work(
    looks: Looks, before: bool
) -> None:
    """The server counts rests in whole seconds: two may be more than three."""
    rested = replace(IDLE, seconds=2)
    told = looks.look(says=True) if before else []
    told += looks.look(rested, says=not before)
    told += looks.look(SESSION) + looks.look()
    ends = {e.session.id: e.cause for e in told if e.session and e.kind.value == "session-ended"}
    assert ends == {7: SHARED, 8: "client-not-closing"}
    words = [e.session.id for e in told if e.session and e.kind.value == "application-error"]
    assert words in ([], [7])


def test_a_pooled_connection_at_rest_may_have_been_used_in_the_second_of_its_end(
    looks: Looks,
) -> None:
    looks.look(IDLE, says=True)
    assert causes(looks.look()) == [("application-error", 8, SHARED)]
    later = replace(IDLE, id=9)
    looks.look(), looks.look(), looks.look()
    looks.look(says=True)
    looks.look(later)
    assert causes(looks.look()) == [("session-ended", 9, SHARED)]


def test_one_of_two_programs_waits_for_its_answer_until_its_read_timeout(looks: Looks) -> None:
    looks.look(says=True)
    for _ in range(29):
        looks.look()
    waited = replace(SESSION, command="Sleep", seconds=30)
    assert causes(looks.look(waited)) == [("session-ended", 7, SHARED)]


def test_an_end_that_was_spoken_of_is_no_other_programs(looks: Looks) -> None:
    looks.look(SESSION, says=True)
    looks.look()
    (other,) = looks.look(says=True)
    assert other.session is None


def test_what_the_other_program_says_later_is_of_no_idle_client(looks: Looks) -> None:
    looks.look(SESSION, says=True)
    looks.look(says=True)
    looks.look(), looks.look()
    rested = replace(SESSION, id=9, command="Sleep", seconds=3)
    assert causes(looks.look(rested)) == [("session-ended", 9, "client-not-closing")]


def test_a_killed_session_is_not_taken_for_a_shared_one(looks: Looks, failure: Failure) -> None:
    killed = replace(vanished(SESSION, AT + SECOND), cause="connection-killed")
    looks.words.keep(killed)
    (word,) = looks.words.heard(AT + SECOND, [failure])
    assert word.session is None
    looks.words.keep(word)
    assert list(looks.words.with_words([killed])) == [killed]


def test_old_words_are_of_no_later_end(looks: Looks) -> None:
    looks.look(says=True)
    for _ in range(9):
        looks.look()
    assert causes(looks.look(SESSION)) == [("session-ended", 7, "client-not-closing")]


def test_a_storm_of_losses_costs_no_more_than_a_bounded_memory_and_time(looks: Looks) -> None:
    looks.look(says=True)
    shared = 0
    for first in range(0, 5000, 1000):
        told = looks.look(*(replace(IDLE, id=1000 + first + n) for n in range(1000)))
        shared += sum(event.cause == SHARED for event in told)
    assert len(told) == 1000
    assert shared == 1
    assert len(looks.words._lately) <= LATELY


def test_what_waits_is_told_at_the_end(looks: Looks) -> None:
    looks.look(IDLE, says=True)
    assert causes(looks.words.rest()) == [("application-error", 8, SHARED)]
    looks.look(says=True)
    looks.look(replace(IDLE, id=9))
    assert causes(looks.words.rest()) == [("session-ended", 9, "client-not-closing")]
