"""What a driver, pool or framework tells is known as such, however it is looked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wizard.logs.application import telling
from wizard.logs.application.telling import is_library


@settings(max_examples=300, deadline=None)
@given(st.from_regex(telling._LIBRARY))
def test_no_text_of_a_library_is_missed_by_the_words_that_are_sought_first(text: str) -> None:
    assert is_library(text)


def test_a_programs_own_words_are_of_no_library() -> None:
    assert not is_library(
        "2026-08-05 12:00:00 ERROR shop.db cannot save cart: server has gone away"
    )
    assert not is_library("HIKARI"), "the case counts, as before the words were sought"
