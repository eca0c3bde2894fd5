"""A log that is rotated while it is read: what was written before and after is there, and said."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from wizard.capture.growing import EMPTIED, RENAMED, REPLACED, GrowingHere, GrowingThere
from wizard.hosts.local.host import LocalHost

MOST = 1 << 20


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "general.log"
    path.write_bytes(b"before\n" * 100)
    return path


@pytest.fixture
def growing(log: Path) -> Iterator[GrowingHere]:
    growing = GrowingHere(str(log), MOST)
    yield growing
    growing.close()


def write(path: Path, text: bytes) -> None:
    with path.open("ab") as log:
        log.write(text)


def held(growing: GrowingHere) -> bytes:
    return b"".join(growing.chunks())


def test_what_is_written_from_the_beginning_on_is_read(log: Path, growing: GrowingHere) -> None:
    assert growing.size() == 0
    write(log, b"one\n")
    assert growing.size() == 4
    write(log, b"two\n")
    assert held(growing) == b"one\ntwo\n"
    assert growing.happened == ()


@pytest.mark.parametrize("later", [b"two\n", b"after\n" * 1000])
def test_a_file_that_is_emptied_is_read_on(log: Path, growing: GrowingHere, later: bytes) -> None:
    """Also where it has grown beyond its old length before anybody looked."""
    write(log, b"one\n")
    growing.size()
    shutil.copy(log, log.with_suffix(".1"))
    os.truncate(log, 0)
    write(log, later)
    assert held(growing) == b"one\n" + later
    assert growing.happened == (EMPTIED,)


def test_a_file_that_is_renamed_is_read_to_its_end_and_then_the_new_one(
    log: Path, growing: GrowingHere
) -> None:
    write(log, b"one\n")
    growing.size()
    old = log.rename(log.with_suffix(".1"))
    write(old, b"two\n")
    assert growing.size() == 8
    log.touch()
    assert growing.size() == 8
    write(old, b"three\n")
    growing.size()
    write(log, b"four\n")
    assert held(growing) == b"one\ntwo\nthree\nfour\n"
    assert growing.happened == (RENAMED,)


@pytest.mark.parametrize("later", [b"two\n", b"after\n" * 1000])
def test_a_file_there_that_is_emptied_is_read_on(log: Path, later: bytes) -> None:
    there = GrowingThere(LocalHost(), str(log), MOST)  # type: ignore[arg-type]
    write(log, b"one\n")
    assert there.size() == 4
    log.rename(log.with_suffix(".1"))
    assert there.size() == 4
    write(log, later)
    assert b"".join(there.chunks()) == b"one\n" + later
    assert there.happened == (REPLACED,)
    there.close()


def test_it_may_be_rotated_again_and_again(log: Path, growing: GrowingHere) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for number in range(20):
        write(log, b"%d\n" % number)
        growing.size()
        log.rename(log.with_suffix(f".{number}"))
        write(log, b"+\n")
    assert held(growing) == b"".join(b"%d\n+\n" % number for number in range(20))
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_no_more_is_kept_than_the_bound(log: Path) -> None:
    growing = GrowingHere(str(log), 10)
    write(log, b"x" * 100)
    assert growing.size() == 10
    assert held(growing) == b"x" * 10
    growing.close()


def test_what_is_no_file_is_not_waited_for(log: Path, growing: GrowingHere) -> None:
    log.unlink()
    os.mkfifo(log)
    assert growing.size() == 0
