"""The clipboard sequence: whole, or not at all."""

import base64

from screens.widgets.osc52 import LIMIT, SENT, osc52


def test_the_sequence_holds_the_text() -> None:
    sequence = osc52("grüße\n漢")
    assert sequence is not None
    assert sequence.startswith("\x1b]52;c;")
    assert sequence.endswith("\x07")
    assert base64.b64decode(sequence[7:-1]).decode() == "grüße\n漢"


def test_nothing_in_the_text_can_end_the_sequence() -> None:
    sequence = osc52("\x07\x1b\\\x1b]52;c;eA==\x07\ud800")
    assert sequence is not None
    assert sequence.count("\x1b") == 1
    assert sequence.count("\x07") == 1


def test_too_much_is_refused_and_not_cut() -> None:
    fits = osc52("x" * LIMIT)
    assert fits is not None
    assert len(fits) <= 100_000
    assert osc52("x" * (LIMIT + 1)) is None
    assert osc52("ü" * 6, limit=11) is None
    assert osc52("", limit=0) is not None


def test_the_remark_tells_tmux_users_what_to_set() -> None:
    assert "set -s set-clipboard on" in SENT
