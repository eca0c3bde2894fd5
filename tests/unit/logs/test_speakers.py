"""A framework that a log has shown to speak of MySQL names MySQL in the lines that do not."""

from datetime import UTC

import pytest

from wizard.logs.application.read import scan_text

SHOWN = "2026-03-07 15:04:05 ERROR {}: mysql: Too many connections\n"
BARE = "2026-03-07 15:09:05 ERROR job failed\n{}: {}\n"
WORDS = ("read ECONNRESET", "Broken pipe", "Connection reset by peer", "socket hang up")


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("name", ["TypeORMError", "SequelizeDatabaseError", "prisma:error"])
def test_bare_words_count_beside_a_framework_that_was_met(name: str, words: str) -> None:
    bare = BARE.format(name, words)
    assert scan_text(bare, zone=UTC).total == 0
    assert scan_text(SHOWN.format(name) + bare, zone=UTC).total == 2


def test_they_count_for_no_other_framework_and_no_other_database() -> None:
    shown = SHOWN.format("TypeORMError")
    assert scan_text(shown + BARE.format("KnexError", WORDS[0]), zone=UTC).total == 1
    assert scan_text(shown + BARE.format("TypeORMError: redis", WORDS[0]), zone=UTC).total == 1
