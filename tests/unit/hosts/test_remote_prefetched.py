"""What comes along with an answer: complete things only, each as a question of its own gives it."""

import time
from dataclasses import replace

import pytest

from wizard.hosts.protocol import (
    NOTHING_ALONG,
    Command,
    CommandResult,
    HostError,
    NotFound,
    NotPermitted,
    Prefetch,
)
from wizard.hosts.remote.prefetch_script import arguments
from wizard.hosts.remote.prefetched import DIRECTORY_HOLDS, Ahead, parse_ahead

MARK = "==0123456789abcdef"


def output(*parts: str, end: bool = True) -> bytes:
    closed = [*parts, "end\n"] if end else list(parts)
    return "".join(f"{MARK} {part}" for part in closed).encode()


def test_files_and_directories() -> None:
    seen = parse_ahead(
        output(
            "meta\n/a/log\n81a4 200000 1790000000\n",
            "piece 131072 327680\n/a/log\n0123456789\n\n",
            "gone\n/a/none\n",
            "denied\n/a/secret\n",
            "names 10001\n/a\nlog\n.hidden\n",
            "entries\n/a\n81a4 200000 1790000000 /a/log\n41ed 40 1790000001 /a/d\n",
        ),
        MARK,
        NOTHING_ALONG,
    )
    assert seen.read("/a/log", 131_074, 3) == b"234"
    assert seen.read("/a/log", 131_072, 100) == b"0123456789\n"
    assert seen.read("/a/log", 0, 3) is None
    assert seen.read("/a/unknown", 0, 3) is None
    status = seen.stat("/a/log")
    assert status is not None
    assert (status.size, status.is_dir) == (200_000, False)
    directory = seen.stat("/a/d")
    assert directory is not None
    assert directory.is_dir
    assert seen.list_dir("/a") == (".hidden", "log")
    for ask in (seen.stat, seen.list_dir, lambda path: seen.read(path, 0, 1)):
        with pytest.raises(NotFound):
            ask("/a/none")
        with pytest.raises(NotPermitted):
            ask("/a/secret")


def test_what_was_cut_is_not_known() -> None:
    cut = parse_ahead(output("piece 0 300\n/a\nabc\n", "piece 0 300\n/b\nde\n", end=False), MARK,
                      NOTHING_ALONG)  # fmt: skip
    assert cut.read("/a", 0, 9) == b"abc"
    assert cut.read("/b", 0, 9) is None
    filled = parse_ahead(output("piece 0 4\n/a\nabcd\n"), MARK, NOTHING_ALONG)
    assert filled.read("/a", 0, 4) == b"abcd"
    assert filled.read("/a", 0, 5) is None
    listed = parse_ahead(output("names 2\n/a\nx\ny\n"), MARK, NOTHING_ALONG)
    assert listed.list_dir("/a") is None


def test_answers_of_commands() -> None:
    asked = [("dmesg",), ("last", "-x"), ("journalctl",), ("chronyc",), ("docker", "ps")]
    along = Prefetch(commands=tuple(Command(words, 8) for words in asked))
    seen = parse_ahead(
        output(
            "answer 0 8\na\nb\n\n", "told 0\nsaid\ncode 1\n",
            "answer 1 8\n\n", "told 1\ngoneaway-wizard: no such command\ncode 127\n",
            "answer 2 8\n\n", "told 2\ncode 124\n",
            "answer 3 8\n12345678\n", "told 3\ncode 141\n",
            "answer 4 8\nhal",
            end=False,
        ), MARK, along,
    )  # fmt: skip
    assert seen.run(("dmesg",)) == CommandResult(1, "a\nb\n", "said\n")
    with pytest.raises(NotFound, match="no such command: last"):
        seen.run(("last", "-x"))
    with pytest.raises(HostError, match="journalctl gave no answer"):
        seen.run(("journalctl",))
    cut = seen.run(("chronyc",))
    assert cut is not None
    assert cut.truncated
    assert seen.run(("docker", "ps")) is None
    assert seen.run(("dmesg", "-T")) is None


def test_the_newer_wins_and_all_of_it_grows_old() -> None:
    first = parse_ahead(output("gone\n/a\n", "piece 0 9\n/b\n1\n"), MARK, NOTHING_ALONG)
    second = parse_ahead(output("piece 0 9\n/a\n2\n"), MARK, NOTHING_ALONG)
    both = first | second
    assert both.read("/a", 0, 9) == b"2"
    assert both.read("/b", 0, 9) == b"1"
    with pytest.raises(NotFound):
        (second | first).read("/a", 0, 9)
    old = replace(both, at=time.monotonic() - 3600, gone=frozenset({"/c"}))
    assert old.read("/a", 0, 9) is None
    assert old.stat("/c") is None
    assert Ahead().run(("x",)) is None


def test_a_directory_grows_old_soon_since_logs_in_it_grow() -> None:
    seen = parse_ahead(
        output("names 9\n/a\nlog\n", "entries\n/a\n81a4 5 179 /a/log\n", "piece 0 9\n/b\n1\n"),
        MARK, NOTHING_ALONG,
    )  # fmt: skip
    old = replace(seen, at=seen.at - DIRECTORY_HOLDS - 1)
    assert old.list_dir("/a") is None
    assert old.stat("/a/log") is None
    assert old.read("/b", 0, 9) == b"1"


def test_words_are_quoted_and_odd_paths_left_out() -> None:
    along = Prefetch(
        stats=("/a b", "/a\nb", "/a\0b"),
        directories=("/x\n",),
        commands=(Command(("echo", "$(id)", "it's"), 9), Command(("b",), 9, instead=True)),
    )
    words = list(arguments(along))
    assert words == ["stat", "0", "/a b", "run", "9", "echo '$(id)' 'it'\"'\"'s'", "else", "9", "b"]
