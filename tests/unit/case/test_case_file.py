"""The case file: private, whole, and read with suspicion."""

import gzip
import json
import os
import random
import stat
import sys
import tracemalloc
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.unit.report.samples import HOSTILE, NOON, failure, full_case, poisoned, quiet_case
from wizard.case import case_file
from wizard.case.case import Case
from wizard.case.case_file import CaseFileError, default_path, load, save
from wizard.case.evidence import Evidence, Failure, Occurrence, Phase, StepResult, StepStatus


def random_case(seed: int) -> Case:
    """A case with any of the kinds of value that a step may leave."""
    dice = random.Random(seed)
    words = ["", "ü", "漢字", "a\nb", "'q'", "x" * 900, "\\", "{}", "🙂", "null", "1"]

    def word() -> str:
        return dice.choice(words)

    def maybe(value: Any) -> Any:
        return value if dice.random() < 0.7 else None

    def at() -> Any:
        zone = timezone(timedelta(minutes=dice.choice([-570, 0, 60, 345])))
        return (NOON + timedelta(microseconds=dice.randrange(10**11))).astimezone(zone)

    def step(index: int) -> StepResult:
        evidence = Evidence(
            word(), word(), word(), dice.randrange(9), maybe(at()), maybe(at()), word(),
            maybe(dice.random()), dice.random() < 0.5,
            tuple(
                Occurrence(maybe(at()), None, maybe(2**40), maybe("a@b"), maybe(1), maybe(0.25))
                for _ in range(dice.randrange(4))
            ),
        )  # fmt: skip
        seen = failure(index, maybe(at()), phase=dice.choice(list(Phase)), idle_seconds=maybe(1.5))
        facts = {f"f{i}": dice.choice([1, 1.5, True, None, word()]) for i in range(4)}
        return StepResult(
            f"step-{index}", dice.choice(list(StepStatus)), dice.random(), maybe(word()), word(),
            (evidence,), (word(),), (), (word(),), facts, (seen,),
        )  # fmt: skip

    return replace(full_case(), steps=tuple(step(i) for i in range(5)))


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("suffix", [".case.json", ".case.json.gz"])
def test_a_case_comes_back_equal(tmp_path: Path, seed: int, suffix: str) -> None:
    case = random_case(seed)
    assert load(save(case, tmp_path / f"c{suffix}")) == case


def test_the_file_is_private_whole_and_its_path_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    old = os.umask(0)
    try:
        path = save(full_case(), Path("c.case.json"))
    finally:
        os.umask(old)
    assert path == tmp_path / "c.case.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["c.case.json"]  # noqa: PTH208


def test_an_existing_file_is_kept_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "c.case.json"
    path.write_text("mine")
    path.chmod(0o644)
    with pytest.raises(CaseFileError, match="exists already"):
        save(full_case(), path)
    assert path.read_text() == "mine"
    save(full_case(), path, overwrite=True)
    assert load(path) == full_case()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    link = tmp_path / "c.case.json"
    link.symlink_to(victim)
    for overwrite in (False, True):
        with pytest.raises(CaseFileError):
            save(full_case(), link, overwrite)
    assert victim.read_text() == "mine"
    assert link.is_symlink()


def test_no_directory_is_made_and_a_failed_write_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CaseFileError, match="no such directory"):
        save(full_case(), tmp_path / "new" / "c.case.json")
    assert not (tmp_path / "new").exists()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CaseFileError, match="No space left"):
        save(full_case(), tmp_path / "c.case.json")
    assert list(tmp_path.iterdir()) == []


def test_no_password_reaches_the_file(tmp_path: Path) -> None:
    case = poisoned(full_case(), "IDENTIFIED BY 'hunter2' mysql://u:hunter2@h/ -phunter2")
    assert "hunter2" not in save(case, tmp_path / "c.case.json").read_text()


def test_text_of_a_foreign_file_is_sanitized(tmp_path: Path) -> None:
    path = save(quiet_case(), tmp_path / "c.case.json")
    data = json.loads(path.read_text())
    data["case"]["target"]["label"] = "\x1b]0;x\x07\u202e\ud800 " + HOSTILE
    data["case"]["steps"][0]["facts"] = {"\x1bkey": "a\x1b[2Jb\nc\x9b"}
    path.write_text(json.dumps(data))
    case = load(path)
    text = repr(case).encode("utf-8").decode()
    assert "\x1b" not in case.target.label
    assert "\u202e" not in case.target.label
    assert case.steps[0].facts == {"key": "a[2Jb\nc"}
    assert "x1b" not in text


BAD_FILES = {
    "empty": (b"", "not JSON"),
    "cut": (b'{"format": "goneaway-wizard case", "schema_ver', "not JSON"),
    "binary": (bytes(range(256)), "not JSON"),
    "foreign": (b'{"schema_version": 1}', "no case file"),
    "list": (b"[]", "no case file"),
    "deep": (b"[" * 100_000, "not JSON"),
    "version": (b'{"format": "goneaway-wizard case", "schema_version": "1"}', "schema version"),
    "true": (b'{"format": "goneaway-wizard case", "schema_version": true}', "schema version"),
    "newer": (b'{"format": "goneaway-wizard case", "schema_version": 2}', "newer"),
    "hollow": (b'{"format": "goneaway-wizard case", "schema_version": 1}', "damaged"),
    "digits": (b'{"format": "goneaway-wizard case", "n": ' + b"9" * 10_000 + b"}", "not JSON"),
    "bad gzip": (b"\x1f\x8bnonsense", "unpacked"),
    "cut gzip": (gzip.compress(os.urandom(5000))[:-20], "unpacked"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_gives_one_clear_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "bad\x1b[31m.case.json"
    content, told = BAD_FILES[name]
    path.write_bytes(content)
    with pytest.raises(CaseFileError, match=told) as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_window_that_ends_before_it_begins_is_damage(tmp_path: Path) -> None:
    path = save(quiet_case(), tmp_path / "c.case.json")
    data = json.loads(path.read_text())
    window = data["case"]["window"]
    window["since"], window["until"] = window["until"], window["since"]
    path.write_text(json.dumps(data))
    with pytest.raises(CaseFileError, match="window"):
        load(path)


def test_a_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    for path in (fifo, tmp_path, Path("/dev/zero")):
        with pytest.raises(CaseFileError, match="regular file"):
            load(path)
    with pytest.raises(CaseFileError, match="cannot be read"):
        load(tmp_path / "missing")


def test_a_packed_flood_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_file, "MAX_BYTES", 1_000_000)
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b" " * 20_000_000))
    with pytest.raises(CaseFileError, match="larger"):
        load(path)


@pytest.mark.parametrize("one", ["{}", "[]", '"ab"', "9.5", '{"a":0}', '{"k":"abcdefg","v":[1]}'])
def test_a_flood_of_tiny_values_is_refused_before_it_takes_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one: str
) -> None:
    """64 MB of them would take 1.5 GB once they are read."""
    monkeypatch.setattr(case_file, "MAX_BYTES", 3_000_000)
    monkeypatch.setattr(case_file, "_ANY_SHAPE", 1_000_000)
    path = save(quiet_case(), tmp_path / "c.case.json")
    whole = path.read_text().rstrip().removesuffix("}")
    path.write_text(f'{whole}, "more": [{",".join([one] * 1000)}]}}')
    assert load(path) == quiet_case()
    path.write_text(f'{whole}, "more": [{",".join([one] * 100_000)}]}}')
    tracemalloc.start()
    with pytest.raises(CaseFileError, match="too much memory"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * path.stat().st_size + case_file.MAX_BYTES


def test_a_text_that_grows_as_it_is_decoded_is_refused_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One character above U+FFFF makes each take four bytes."""
    monkeypatch.setattr(case_file, "MAX_BYTES", 6_000_000)
    monkeypatch.setattr(case_file, "_ANY_SHAPE", 1_000_000)
    path = save(quiet_case(), tmp_path / "c.case.json")
    whole = path.read_text().rstrip().removesuffix("}")
    path.write_text(f'{whole}, "more": "{"x" * 5_000_000}\U0001f600"}}', encoding="utf-8")
    tracemalloc.start()
    with pytest.raises(CaseFileError, match="too much memory"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * path.stat().st_size


@pytest.mark.parametrize(
    "text", ["abc", "né\u00ff" * 9, "\u0100\u20ac" * 9 + "x", "x\U0001f600\u00e9", "é", "\uffff"]
)
def test_what_a_text_takes_is_known_before_it_is_decoded(text: str) -> None:
    # The rest is the object's head.
    assert 0 < sys.getsizeof(text) - case_file._decoded_size(text.encode()) < 100


def test_another_programs_json_is_refused_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_file, "MAX_BYTES", 2_000_000)
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"log": [{"k": "abcdefgh", "v": [1, 2, 3]}] * 50_000}))
    tracemalloc.start()
    with pytest.raises(CaseFileError, match="no case file of goneaway-wizard"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1.5 * path.stat().st_size


def test_a_case_of_any_size_is_read_as_it_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failures that tell all that a driver can tell are the heaviest; none may be refused."""
    monkeypatch.setattr(case_file, "MAX_BYTES", 3_000_000)
    monkeypatch.setattr(case_file, "_ANY_SHAPE", 0)
    at = quiet_case().created
    told = Failure(
        "client.lost", "SQLSTATE[HY000]: General error: 2006 MySQL server has gone away",
        "/var/log/app/app.log:10000", at, 2006, 104, "pdo", Phase.QUERY, 31.5, 2000,
        "shop@web", 123456, at, at, at, 0.5,
    )  # fmt: skip
    first = replace(quiet_case().steps[0], failures=(told,) * 5000)
    case = replace(quiet_case(), steps=(first, *quiet_case().steps[1:]))
    path = save(case, tmp_path / "c.case.json")
    tracemalloc.start()
    assert load(path) == case
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * path.stat().st_size


def test_the_default_path_names_the_time_and_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert default_path(quiet_case()) == tmp_path / "goneaway-20260805-150000-db1.case.json"
    for host in ("../../etc/x", "-rf", "a b\n/c", "", "x" * 500):
        target = replace(quiet_case().target, host=host, label="/")
        path = default_path(replace(quiet_case(), target=target))
        assert path.parent == tmp_path
        assert len(path.name) < 120
        assert "/" not in path.name


def test_a_case_that_is_saved_again_gets_a_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = [save(quiet_case(), default_path(quiet_case())).name for _ in range(3)]
    assert names == [f"goneaway-20260805-150000-db1{n}.case.json" for n in ("", "-2", "-3")]
    (tmp_path / "goneaway-20260805-150000-db1-4.case.json").symlink_to("gone")
    assert save(quiet_case(), default_path(quiet_case())).name.endswith("-5.case.json")


def test_the_default_path_where_the_directory_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    path = default_path(quiet_case())
    assert path.parent == tmp_path / "data" / "goneaway-wizard"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
