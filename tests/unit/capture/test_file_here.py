"""A capture's file on this machine that the server makes a moment after it says that it is on."""

import threading
from pathlib import Path

from wizard.capture.own_file import FileHere


def test_a_file_that_comes_late_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "goneaway-wizard-1.log"
    late = threading.Timer(0.3, path.write_bytes, (b"Time Id Command\n",))
    late.start()
    file = FileHere(str(path), 1 << 20)
    assert file.taken()
    assert not path.exists()
    assert b"".join(file.chunks()) == b"Time Id Command\n"
    file.close()
