"""The wheel holds everything that the program reads, and runs outside the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from wizard.demo.faults import Fault

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what makes the package, so that a stale build/ plays no part."""
    place = tmp_path_factory.mktemp("wheel")
    source = place / "source"
    source.mkdir()
    for room in ("knowledge", "wizard", "screens"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.iterdir():
        if file.is_file() and not file.name.startswith("."):
            shutil.copy(file, source)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(place), str(source)], check=True, timeout=300)
    (built,) = place.glob("*.whl")
    return built


def test_it_holds_the_data_beside_the_code(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    data = [*(ROOT / "knowledge").rglob("*.toml"), *(ROOT / "screens").glob("*.tcss")]
    assert len(data) > 5
    assert {str(file.relative_to(ROOT)) for file in data} <= held
    assert {f"wizard/demo/recorded_cases/{fault}.json" for fault in Fault} <= held
    assert not [name for name in held if name.startswith("tests/")]


def test_it_runs_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "unpacked"
    zipfile.ZipFile(wheel).extractall(place)
    environment = {**os.environ, "PYTHONPATH": str(place)}
    code = (
        "import sys, knowledge.load, wizard, wizard.cli, screens.app;"
        "from wizard.demo.recorded import recorded_case;"
        "from wizard.demo.faults import Fault;"
        "knowledge.load.load(); [recorded_case(f) for f in Fault]; print(wizard.__file__);"
        "sys.exit(wizard.cli.main(['--help']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(place / "wizard" / "__init__.py")
    assert "goneaway-wizard" in done.stdout
