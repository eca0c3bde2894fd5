"""An application's words and the end of the session that they are about find each other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wizard.case.case import Window
from wizard.case.evidence import Failure
from wizard.diagnosis.model import Verdict
from wizard.logs.application.read import scan_text
from wizard.recorder.app_tail import application_events, with_words
from wizard.recorder.event import EventKind, RecorderEvent
from wizard.recorder.sample import SessionSeen

AT = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SESSION = SessionSeen(7, "app", "web1", "", "Query", 1)
VANISHED = RecorderEvent(
    AT, EventKind.SESSION_ENDED, "gone", SESSION, "client-not-closing", Verdict.CONFIRMED
)
WORDS = (
    "2026-11-28 02:00:00 ERROR jobs.child: pymysql.err.InternalError: Packet sequence number "
    "wrong - got 3 expected 1\n"
)


@pytest.fixture
def failure() -> Failure:
    found = scan_text(WORDS, Window(AT - timedelta(days=2), AT + timedelta(days=2)))
    return found.failures[0]


def test_words_that_come_after_the_end_name_its_session(failure: Failure) -> None:
    (event,) = application_events(AT + SECOND, (failure,), [VANISHED])
    assert (event.session, event.cause) == (SESSION, "shared-connection")
    assert event.verdict is Verdict.LIKELY


def test_words_that_come_before_the_end_give_it_its_cause_once(failure: Failure) -> None:
    (word,) = application_events(AT, (failure,), [])
    assert (word.session, word.cause) == (None, "shared-connection")
    ended = with_words(replace(VANISHED, at=AT + SECOND), [word])
    assert (ended.session, ended.cause, ended.verdict) == (
        SESSION, "shared-connection", Verdict.LIKELY,
    )  # fmt: skip
    other = replace(VANISHED, at=AT + 2 * SECOND, session=replace(SESSION, id=8))
    assert with_words(other, [word, ended]) == other


def test_an_end_that_was_spoken_of_is_no_other_programs(failure: Failure) -> None:
    lately = [VANISHED]
    lately += application_events(AT, (failure,), lately)
    (other,) = application_events(AT + 3 * SECOND, (failure,), lately)
    assert other.session is None


def test_a_killed_session_is_not_taken_for_a_shared_one(failure: Failure) -> None:
    killed = replace(VANISHED, cause="connection-killed")
    (event,) = application_events(AT, (failure,), [killed])
    assert event.session is None
    (word,) = application_events(AT, (failure,), [])
    assert with_words(killed, [word]) == killed


def test_old_words_are_of_no_later_end(failure: Failure) -> None:
    (word,) = application_events(AT, (failure,), [])
    late = replace(VANISHED, at=AT + 10 * SECOND)
    assert with_words(late, [word]) == late
