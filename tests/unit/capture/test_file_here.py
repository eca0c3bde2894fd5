"""A capture's file on this machine that the server makes a moment after it says that it is on."""

import threading
from pathlib import Path

from wizard.capture.own_file import FileHere


def test_a_file_that_is_written_late_keeps_its_name_until_then(tmp_path: Path) -> None:
    """MySQL may fail to open one that loses it before, as on a machine that stands still."""
    path = tmp_path / "goneaway-wizard-1.log"
    path.touch()
    there: list[bool] = []

    def write() -> None:
        there.append(path.exists())
        path.write_bytes(b"Time Id Command\n")

    late = threading.Timer(0.3, write)
    late.start()
    file = FileHere(str(path), 1 << 20)
    assert file.taken()
    late.join(60)
    assert there == [True]
    assert not path.exists()
    assert b"".join(file.chunks()) == b"Time Id Command\n"
    file.close()


def test_a_file_that_comes_late_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "goneaway-wizard-1.log"
    late = threading.Timer(0.3, path.write_bytes, (b"Time Id Command\n",))
    late.start()
    file = FileHere(str(path), 1 << 20)
    assert file.taken()
    assert not path.exists()
    assert b"".join(file.chunks()) == b"Time Id Command\n"
    file.close()
