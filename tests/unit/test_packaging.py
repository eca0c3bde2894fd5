"""The wheel holds everything that the program reads, and runs outside the checkout."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.harness.requirement import unavailable
from wizard.cli import COMMANDS
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


SHELL_FILES = {
    "bash": "share/bash-completion/completions/goneaway-wizard",
    "zsh": "share/zsh/site-functions/_goneaway-wizard",
    "fish": "share/fish/vendor_completions.d/goneaway-wizard.fish",
    "man": "share/man/man1/goneaway-wizard.1",
}


@pytest.fixture
def shell_file(wheel: Path, tmp_path: Path) -> Callable[[str], Path]:
    """The installed file of a shell; pip puts what is in `.data/data` below its prefix."""
    with zipfile.ZipFile(wheel) as held:
        held.extractall(tmp_path)
    (data,) = tmp_path.glob("*.data/data")
    return lambda name: data / SHELL_FILES[name]


def _said(*command: str) -> str:
    if shutil.which(command[0]) is None:
        unavailable(command[0])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout


def test_bash_completes_commands_and_their_flags(shell_file: Callable[[str], Path]) -> None:
    script = (
        f'source {shell_file("bash")}; COMP_CWORD=$(($#)); COMP_WORDS=(goneaway-wizard "$@");'
        ' _shtab_goneaway_wizard goneaway-wizard "${!#}" "${COMP_WORDS[$#-1]}";'
        ' printf "%s\\n" "${COMPREPLY[@]}"'
    )
    assert _said("bash", "-c", script, "-", "che").split() == ["check"]
    assert "--app-log" in _said("bash", "-c", script, "-", "check", "--app").split()
    assert "jira" in _said("bash", "-c", script, "-", "report", "--format", "").split()


def test_fish_completes_commands_and_their_flags(shell_file: Callable[[str], Path]) -> None:
    script = f"source {shell_file('fish')}; complete -C 'goneaway-wizard "
    assert "check" in _said("fish", "--no-config", "-c", f"{script}che'")
    assert "--app-log" in _said("fish", "--no-config", "-c", f"{script}check --app'")


def test_zsh_reads_its_completion(shell_file: Callable[[str], Path]) -> None:
    assert shell_file("zsh").read_text().startswith("#compdef goneaway-wizard\n")
    _said("zsh", "-f", "-n", str(shell_file("zsh")))


def test_the_man_page_has_every_command(shell_file: Callable[[str], Path]) -> None:
    page = _said("groff", "-man", "-Tascii", "-ww", str(shell_file("man")))
    plain = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", page)
    assert "GONEAWAY-WIZARD(1)" in plain
    for command in COMMANDS:
        assert f"goneaway-wizard {command}" in plain


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
