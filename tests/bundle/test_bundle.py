"""The bundle's parts that need no download: its platforms, and one for this machine alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from tests.bundle.pack import PLATFORMS, own_wheel, pack
from wizard import __version__


def test_every_python_on_every_kind_of_machine_is_told_apart() -> None:
    assert len({platform.name for platform in PLATFORMS}) == len(PLATFORMS) == 16
    assert len({platform.description() for platform in PLATFORMS}) == 16


def test_the_wheels_that_run_here_are_among_them() -> None:
    own = {str(tag) for tag in sys_tags()}
    here = [p for p in PLATFORMS if next(iter(p.tags())) in own]
    assert [p.minor for p in here] == [sys.version_info.minor]
    assert "py3-none-any" in here[0].tags()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed from what is installed beside the tests."""
    place = tmp_path_factory.mktemp("bundle")
    output = place / "goneaway-wizard.pyz"
    pack(own_wheel(place / "wheel"), output, ["--venv-repository", sys.prefix])
    return output


def test_one_file_is_enough(bundle: Path, tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    for _first_and_second in range(2):
        done = subprocess.run(
            [str(bundle), "--version"],
            cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.stdout == f"goneaway-wizard {__version__}\n", done.stderr
    check = subprocess.run(
        [str(bundle), "check", "--ssh", "127.0.0.1:1"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert check.returncode == 3
    assert "127.0.0.1" in check.stderr
    assert {path.name for path in tmp_path.iterdir()} == {".cache"}
