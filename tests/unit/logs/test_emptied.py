"""A log that is emptied while it is read says so, also where it has grown past its size since."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.benches.planted import application_log, error_log, general_log, slow_log
from tests.unit.logs.test_understood import WINDOW
from wizard.hosts.local.host import LocalHost
from wizard.logs.application.read import scan_application_log
from wizard.logs.error.in_place import read_in_place, read_one_file
from wizard.logs.general.read import read_general_log, read_general_logs
from wizard.logs.slow.read import read_slow_log, read_slow_logs

Happens = Callable[[], None]
Read = Callable[[Path, Happens], tuple[str, ...]]
Fate = Callable[[Path], None]
SIZE = 3 << 20


def read_by(reader: Callable[..., Any]) -> Read:
    alone = reader in (read_one_file, read_general_log, read_slow_log)
    window = None if alone else WINDOW

    def read(path: Path, happens: Happens) -> tuple[str, ...]:
        return tuple(reader(LocalHost(), str(path), window, checkpoint=happens).cuts)

    return read


def application(path: Path, happens: Happens) -> tuple[str, ...]:
    told = scan_application_log(path, checkpoint=happens).truncated
    return (f"{path} {told}",) if told else ()


READERS: dict[str, tuple[Callable[[Path, int], object], Read]] = {
    "error, all": (error_log, read_by(read_one_file)),
    "error, window": (error_log, read_by(read_in_place)),
    "general, all": (general_log, read_by(read_general_log)),
    "general, window": (general_log, read_by(read_general_logs)),
    "slow, all": (slow_log, read_by(read_slow_log)),
    "slow, window": (slow_log, read_by(read_slow_logs)),
    "application": (application_log, application),
}


def nothing(path: Path) -> None:
    pass


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def emptied_and_grown(path: Path) -> None:
    """By as much as it held, of the same form but of another hour."""
    later = path.read_bytes().replace(b":", b":0", 1)[7:]
    path.write_bytes(later + later)


def grown(path: Path) -> None:
    with path.open("ab") as file:
        file.write(path.read_bytes()[-SIZE // 2 :])


def renamed(path: Path) -> None:
    path.rename(path.with_suffix(".1"))
    path.write_bytes(b"")


FATES: dict[Fate, bool] = {
    nothing: False,
    emptied: True,
    emptied_and_grown: True,
    grown: False,
    renamed: False,
}


@pytest.mark.parametrize("fate", FATES)
@pytest.mark.parametrize("kind", READERS)
def test_it_is_said_once(tmp_path: Path, kind: str, fate: Fate) -> None:
    write, read = READERS[kind]
    write(path := tmp_path / "some.log", SIZE)
    calls = 0

    def happens() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            fate(path)

    told = [cut for cut in read(path, happens) if "was emptied while it was read" in cut]
    assert calls >= 3
    assert len(told) == FATES[fate]
    assert all(cut.startswith(str(path)) for cut in told)
