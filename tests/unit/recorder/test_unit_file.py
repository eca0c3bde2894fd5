"""The systemd unit: its sections, and words that survive systemd's own quoting."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from wizard.recorder.unit_file import RECORDING, unit_text


def parsed(text: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(interpolation=None, strict=False)
    found.read_string(text)
    return found


def test_it_runs_this_command_with_a_place_for_its_events() -> None:
    unit = parsed(unit_text("/usr/bin/goneaway-wizard", ["watch", "-S", "/run/my.sock"]))
    assert unit["Service"]["ExecStart"] == (
        f"/usr/bin/goneaway-wizard watch -S /run/my.sock --dir {RECORDING}"
    )
    assert unit["Service"]["ExecReload"].endswith("-HUP $MAINPID")
    assert unit["Service"]["StateDirectory"] == "goneaway-wizard"
    assert unit["Install"]["WantedBy"] == "multi-user.target"


def test_a_directory_that_was_named_is_kept_and_may_be_written() -> None:
    unit = parsed(unit_text("/x", ["watch", "--dir", "/srv/rec"], ["/srv/rec"]))
    assert unit["Service"]["ExecStart"] == "/x watch --dir /srv/rec"
    assert unit["Service"]["ReadWritePaths"].split()[-1] == "/srv/rec"


def test_words_are_quoted_as_systemd_reads_them() -> None:
    unit = parsed(unit_text("/x", ["watch", "--exec", 'mail "50%" $USER', "--dir", "/r"]))
    assert unit["Service"]["ExecStart"] == ('/x watch --exec "mail \\"50%%\\" $$USER" --dir /r')


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
def test_systemd_accepts_it(tmp_path: Path) -> None:
    path = tmp_path / "goneaway-wizard.service"
    path.write_text(unit_text("/bin/true", ["watch"]))
    done = subprocess.run(
        ["systemd-analyze", "verify", str(path)], capture_output=True, text=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert "goneaway-wizard.service" not in done.stderr, done.stderr


def test_relative_paths_are_read_from_where_it_was_printed() -> None:
    unit = parsed(unit_text("/x", ["watch", "--dir", "kept"], ["/srv/100%/kept"], "/srv/100%"))
    assert unit["Service"]["WorkingDirectory"] == "/srv/100%%"
