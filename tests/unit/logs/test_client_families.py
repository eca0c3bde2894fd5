"""The catalogue of drivers' texts: each is read by its meaning, alone and in every wrapping."""

import json
import tomllib
from pathlib import Path

import pytest

from knowledge.load import load, signatures
from wizard.logs.application.client_error import recognise
from wizard.logs.application.read import scan_text

FAMILIES = tuple(s for s in signatures("client") if "." in s.id)
CATALOGUE = Path(__file__).with_name("catalogue.toml")


def test_every_text_of_the_families_has_its_familys_meaning() -> None:
    wrong = []
    for text in FAMILIES:
        told = recognise(text.matches[0], near=True)
        if told is None or told.signal != text.signal:
            wrong.append((text.id, text.matches[0], told and (told.signature, told.signal)))
    assert wrong == []


def test_words_that_any_socket_has_count_beside_mysql_only() -> None:
    for text in (t for t in FAMILIES if t.role == "near"):
        assert recognise(text.matches[0]) is None, text.matches[0]
        assert recognise(f"redis: {text.matches[0]}", near=True) is None


def test_the_literal_is_in_the_text_and_the_first_look_finds_it() -> None:
    for text in FAMILIES:
        assert text.literal.lower() in text.matches[0].lower()
        assert len(text.literal) >= 4 or not text.literal.isascii()


def wrapped(text: str) -> dict[str, str]:
    """One failure's text as loggers, stacks and frameworks pass it on."""
    return {
        "logger": f"2026-11-23 10:45:15,123 ERROR shop.jobs: mysql job failed: {text}",
        "stack": "2026-11-23 10:45:15.123 ERROR [main] shop.Job - job failed\n"
        f"java.lang.RuntimeException: mysql: {text}\n\tat shop.Job.run(Job.java:7)\n",
        "json": json.dumps(
            {"time": "2026-11-23T10:45:15Z", "level": "error", "msg": f"mysql: {text}"},
            ensure_ascii=False,
        ),
        "syslog": f"Nov 23 10:45:15 web1 shop[812]: mysql job failed: {text}",
    }


@pytest.mark.parametrize("wrapping", ["logger", "stack", "json", "syslog"])
def test_every_text_is_one_failure_in_every_wrapping(wrapping: str) -> None:
    wrong = []
    for text in FAMILIES:
        scan = scan_text(wrapped(text.matches[0])[wrapping])
        signals = [f.signal for f in scan.failures]
        if signals != [text.signal]:
            wrong.append((text.id, text.matches[0], signals))
    assert wrong == []


def test_the_catalogue_says_whose_list_was_read() -> None:
    lists = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["list"]
    assert all(entry["of"] and entry["version"] and entry["file"] for entry in lists)
    wrong = []
    for entry in lists:
        for text, signal in entry["texts"].items():
            told = recognise(text, near=True)
            if (told.signal if told else "") != signal:
                wrong.append((entry["of"], text, told and told.signal))
    assert wrong == []
    assert {s for e in lists for s in e["texts"].values()} <= {"", *load().signals}
