"""Keys that come together are obeyed in their order, and a paste is never obeyed."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pty.driven import FORM, LIVE, Driven

pytestmark = pytest.mark.pty

TEXT = "03:02 ERROR SQLSTATE[HY000]: General error: 2006 MySQL server has gone away\rrw q\r"
BURSTS = ("0q", "8eq", "q123", "K\x1bq\x1b[B")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A working directory in which nothing may be written."""
    directory = tmp_path / "cwd"
    directory.mkdir()
    yield directory
    assert list(directory.iterdir()) == []


def at_symptom_field(terminal: Driven) -> None:
    terminal.ready()
    terminal.keys("1\r")
    assert terminal.calm()["focus"] == "pasted"


def test_tab_and_backspace_keep_their_turn_in_a_burst(here: Path) -> None:
    with Driven(FORM, here) as terminal:
        terminal.until("found")
        terminal.calm()
        while terminal.calm()["focus"] != "user":
            terminal.keys("\t")
        terminal.keys("root\tSecret\x7f\x7fX")
        fields = terminal.calm()["fields"]
        assert (fields["user"], fields["password"]) == ("root", "SecrX")
        terminal.keys("\x1b[Zab\x7f\x1b[Dcd\t\t/etc/my.cnf")
        fields = terminal.calm()["fields"]
        assert fields["user"] == "cda", "a field that is entered is selected whole"
        assert fields["password"] == "SecrX"
        assert fields["option-file"] == "/etc/my.cnf"


def test_a_field_is_left_and_another_one_entered_within_one_burst(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        terminal.keys("K/abcd\x7f\x7fXY")
        assert terminal.calm()["fields"]["search"] == "abXY"
        terminal.keys("\x1b")
        terminal.calm()
        terminal.keys("1\rgo\ta.l")
        told = terminal.calm()
        assert (told["fields"]["pasted"], told["fields"]["when"]) == ("go", "a.l")


def test_esc_and_a_digit_in_one_read_leave_a_window_and_move(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        for keys, window, place in (
            ("8e", "EvidenceText", "diagnosis"),
            ("\x1b4", "Frame", "error-log"),
            ("\x1bOP", "OwnText", "error-log"),
            ("\x1bK", "Frame", "knowledge"),
        ):
            terminal.keys(keys)
            told = terminal.calm()
            assert (told["window"], told["place"]) == (window, place)


def test_a_text_that_comes_character_by_character_is_not_obeyed(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        for character in TEXT:
            terminal.keys(character)
        told = terminal.calm()
        assert told["place"] == "symptom"
        assert told["fields"]["pasted"].split("\n")[0] == TEXT.split("\r")[0]


def test_a_pasted_text_with_escape_codes_is_not_obeyed(here: Path) -> None:
    coloured = TEXT.replace("ERROR", "\x1b[31mERROR\x1b[0m").replace("gone", "\x1bqgone")
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        terminal.keys(f"\x1b[200~{coloured}\x1b[201~")
        told = terminal.calm()
        assert told["place"] == "symptom"
        assert "2006 MySQL server has" in told["fields"]["pasted"].split("\n")[0]


SCREENS = {
    **dict.fromkeys("LW9", "Frame"),
    "La": "CaptureWindow",
    "8e": "EvidenceText",
    "\x1bOP": "OwnText",
    "7\rl": "Frame",
    "\x10": "CommandPalette",
}
"""The keys that lead to places and windows, and the window that is then on top."""


def test_on_every_screen_a_text_is_no_command_and_a_burst_keeps_its_order(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        for keys, window in SCREENS.items():
            terminal.keys(keys)
            assert terminal.calm()["window"] == window, keys
            for text in (f"\x1b[200~{TEXT}\x1b[201~", TEXT.rstrip("\r")):
                terminal.text(text)
            terminal.keys("\x1b\x1b\x1b\x1b1")
            told = terminal.calm()
            assert (told["window"], told["place"]) == ("Frame", "symptom"), keys
            assert told["saved"] == []
            assert "capture" not in told["ran"], "nothing was set"


@pytest.mark.parametrize("keys", BURSTS)
def test_leaving_in_a_burst_is_no_crash(keys: str, here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        terminal.keys(keys)
        terminal.read(0.2)
        terminal.keys("\x11")
        assert terminal.exit_code() == 0
        assert b"internal error" not in terminal.output


@pytest.mark.parametrize(("bracketed", "place"), [(False, "1"), (True, "4"), (False, "K")])
def test_a_paste_lands_in_symptom_and_is_not_obeyed(
    bracketed: bool, place: str, here: Path
) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        terminal.keys(place)
        terminal.calm()
        terminal.keys(f"\x1b[200~{TEXT}\x1b[201~" if bracketed else TEXT)
        told = terminal.calm()
        assert told["place"] == "symptom"
        assert told["window"] == "Frame"
        assert told["fields"]["pasted"].split("\n")[0] == TEXT.split("\r")[0]
        assert told["ran"].count("symptom") == 2, told["remark"]
        terminal.keys("\x1b[200~another error\x1b[201~")
        assert "2006" in terminal.calm()["fields"]["pasted"], "a second paste adds"


@pytest.mark.parametrize("byte_seconds", [0.05, 0.2, 0.4])
def test_an_arrow_on_a_slow_line_is_no_esc(byte_seconds: float, here: Path) -> None:
    with Driven(LIVE, here, byte_seconds=byte_seconds) as terminal:
        terminal.ready()
        terminal.keys("1\rab\x1b[DX")
        told = terminal.calm()
        assert (told["focus"], told["fields"]["pasted"]) == ("pasted", "aXb")


@pytest.mark.parametrize("byte_seconds", [0.2, 0.4])
def test_the_first_arrow_of_a_line_that_becomes_slow_is_no_esc(
    byte_seconds: float, here: Path
) -> None:
    with Driven(LIVE, here) as terminal:
        at_symptom_field(terminal)
        terminal.keys("ab")
        before = terminal.calm()["fields"]["pasted"]
        terminal.become_slow(byte_seconds)
        terminal.keys("\x1b[DX")
        told = terminal.calm()
        assert (told["focus"], told["fields"]["pasted"]) == (
            "pasted",
            f"{before[:-1]}X{before[-1]}",
        )


def test_digits_move_and_never_fall_into_a_field(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        at_symptom_field(terminal)
        terminal.keys("\x1b")
        terminal.calm()
        for keys, place in (("4\r", "error-log"), ("1", "symptom"), ("8", "diagnosis")):
            terminal.keys(keys)
            told = terminal.calm()
            assert told["place"] == place
            assert told["fields"].get("pasted", "") == ""


def test_a_key_that_writes_is_not_obeyed_in_company(here: Path) -> None:
    with Driven(LIVE, here) as terminal:
        terminal.ready()
        terminal.keys("rw")
        assert terminal.calm()["place"] == "report"


def test_the_question_about_a_left_capture_is_answered_by_its_word_alone(here: Path) -> None:
    with Driven(LIVE, here, app="Offering") as terminal:
        terminal.until("Type restore")
        assert terminal.calm()["focus"] == "word"
        bursts = ["wrong\r\x15", "8q4\x7f\x15yes\tq\r\x15\x1b[A\x1b[Bxy\x15"]
        bursts += ["".join(random.Random(n).choices(HARMLESS, k=9)) for n in range(2)]
        for keys in bursts:
            terminal.keys(keys)
            assert terminal.told()["window"] == "Confirm", keys
            terminal.keys("\x15")
        for text in (TEXT, f"\x1b[200~{TEXT}\x1b[201~"):
            terminal.text(text)
            terminal.keys("\x15")
        told = terminal.calm()
        assert (told["window"], told["restored"], told["saved"]) == ("Confirm", 0, [])
        terminal.keys("\x1b8")
        told = terminal.calm()
        assert (told["window"], told["place"], told["restored"]) == ("Frame", "diagnosis", 0)
    with Driven(LIVE, here, app="Offering") as terminal:
        terminal.until("Type restore")
        terminal.keys("retsore\x15restore\r")
        told = terminal.calm()
        assert (told["window"], told["restored"]) == ("Frame", 1)


def test_random_keys_never_crash_or_type_into_a_field_unasked(tmp_path: Path) -> None:
    directory = tmp_path / "cwd"
    directory.mkdir()
    storm(directory, seed=2006, bursts=30)


KEYS = (
    *(chr(code) for code in range(32, 127)),
    *("\t", "\r", "\x1b", "\x7f", "\x03", "\x0c", "\x10", "\x15", "\x17", "\x1b[Z"),
    *("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"),
    *("\x1bOP", "\x1bOQ", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[1;3C", "\x1b[1;3D"),
)
"""Every key that a terminal sends, those that quit, save and stop among them."""

HARMLESS = tuple(key for key in KEYS if key not in ("\x1b", "\x03", "\x10") and len(key) == 1)
"""What leaves no window."""

LEADS = set("\t\r/l\x10") | {"\x1b[Z", "\x1bOS"}
"""What leads into a field."""


def storm(directory: Path, seed: int, bursts: int) -> None:
    """Random keys, alone and together, in as many wizards as they quit.

    Whatever comes: no crash, no text in a field to which no key led, and no file but those that
    were said to be saved.
    """
    rolls = random.Random(seed)
    saved: set[str] = set()
    left = bursts
    while left > 0:
        left = _one_wizard(rolls, directory, left, saved)
        assert {path.name for path in directory.iterdir()} <= saved


def _kept(before: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether each field holds what it held.

    One of another place or window may be gone, each step has a filter of its own, and a window
    that is closed gives the keys back to the field that had them.
    """
    fields = told["fields"]
    moved = any(before[key] != told[key] for key in ("place", "window"))
    closed = before["window"] != "Frame" and told["window"] == "Frame"
    excused = {told["focus"]} if closed else set()
    if moved:
        excused |= before["fields"].keys() - fields.keys()
        excused |= {"filter"} if fields.get("filter") == "" else set()
    return all(name in excused or fields[name] == text for name, text in before["fields"].items())


def _one_wizard(rolls: random.Random, directory: Path, left: int, saved: set[str]) -> int:
    """Bursts until the keys quit; how many are left."""
    with Driven(LIVE, directory) as terminal:
        before = terminal.ready()
        while left > 0:
            left -= 1
            # Fewer than make a text, which would rightly go to Symptom.
            burst = rolls.choices(KEYS, k=rolls.randint(1, 4))
            terminal.keys("".join(burst))
            told = terminal.calm_or_gone()
            if told is None:
                break
            saved |= {Path(path).name for path in told["saved"]}
            if not before["in_field"] and not LEADS.intersection(burst):
                assert _kept(before, told), (burst, before, told)
            before = told
        else:
            terminal.keys("\x11")
        assert terminal.exit_code() == 0, (burst, terminal.output[-300:])
        assert b"internal error" not in terminal.output
    return left
