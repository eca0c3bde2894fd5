"""The bundle in bare Debian trees, as root and as an ordinary user: `make bundle-test`.

It is not part of the tests that run by themselves, for it downloads every platform's wheels.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from backports import zstd

from tests.bundle.bare_tree import OPERATOR, BareMachine, bare_tree
from tests.pty.terminal import Terminal
from tests.servers.harness.debian_mirror import NoTree
from tests.servers.harness.requirement import unavailable
from wizard.case.case_file import save
from wizard.demo.faults import Fault
from wizard.demo.recorded import recorded_case

BUNDLE = os.environ.get("GONEAWAY_BUNDLE", "")
PROGRAM = "/srv/goneaway-wizard.pyz"
RUNS = 9
SLOWER = 1.5
"""How much slower than the installed program it may start, after the first run."""

pytestmark = pytest.mark.skipif(not BUNDLE, reason="GONEAWAY_BUNDLE names no bundle to try")


@pytest.fixture(params=["bookworm", "trixie"])
def tree(request: pytest.FixtureRequest) -> Path:
    try:
        return bare_tree(request.param)
    except NoTree as reason:
        unavailable(str(reason))


@pytest.fixture(params=[0, OPERATOR], ids=["root", "user"])
def machine(request: pytest.FixtureRequest, tree: Path, tmp_path: Path) -> Iterator[BareMachine]:
    """Has the bundle, a case, and a compressed log."""
    tmp_path.chmod(0o755)
    made = BareMachine(tree, tmp_path / "layer", request.param)
    made.bring(Path(BUNDLE), PROGRAM)
    made.bring(save(recorded_case(Fault.IDLE), tmp_path / "idle.case.json"), "/srv/case.json")
    log = Path(__file__).parents[1] / "data" / "error-log" / "mariadb-10.11.log"
    packed = tmp_path / "error.log.1.zst"
    packed.write_bytes(zstd.compress(log.read_bytes()))
    made.bring(packed, "/srv/error.log.1.zst")
    yield made
    shutil.rmtree(made.layer)


def test_everything_runs_and_only_the_cache_is_written(machine: BareMachine) -> None:
    bare = machine.run("python3", "-c", "import pip")
    assert "No module named 'pip'" in bare.stderr
    assert machine.run(PROGRAM, "--version").stdout.startswith("goneaway-wizard ")
    # Each of these needs another of the packages with a compiled part.
    told = machine.run(PROGRAM, "logs", "/srv/error.log.1.zst")
    assert told.returncode == 0, told.stderr
    assert "error log" in told.stdout
    refused = machine.run(PROGRAM, "check", "--ssh", "127.0.0.1")
    assert (refused.returncode, "Traceback" in refused.stderr) == (3, False)
    assert "127.0.0.1" in refused.stderr
    nobody = machine.run(PROGRAM, "check", "-h", "127.0.0.1", "--format", "json")
    assert nobody.returncode == 3
    assert '"schema_version": 1' in nobody.stdout
    written = {path for path in machine.written() if not path.startswith("/srv/")}
    state = (f"{machine.home}/.cache/pex/", f"{machine.home}/.local/state/goneaway-wizard/")
    assert written
    assert not {path for path in written if not path.startswith(state)}


def test_the_screens_open(machine: BareMachine) -> None:
    machine.run(PROGRAM, "--version")
    words = machine.command(PROGRAM, "open", "/srv/case.json")
    code = f"import os; os.execvp('unshare', {words!r})"
    with Terminal(code) as terminal:
        terminal.until("Diagnosis")
        terminal.keys("q")
        while terminal.process.poll() is None:
            terminal.read()


def test_it_starts_as_fast_as_what_is_installed(tree: Path, tmp_path: Path) -> None:
    """The quickest of several runs, in turn, for a busy machine slows either."""
    machine = BareMachine(tree, tmp_path / "layer")
    machine.bring(Path(BUNDLE), PROGRAM)
    installed = machine.run(PROGRAM, "explain", "2006")
    assert installed.returncode == 0, installed.stderr
    machine.run("python3", "-m", "venv", "--without-pip", "/srv/installed")
    site = next((machine.layer / "upper/srv/installed/lib").glob("python3.*/site-packages"))
    wheels = machine.layer / "upper/root/.cache/pex/installed_wheels"
    for wheel in wheels.glob("*/*/*.whl"):
        shutil.copytree(wheel, site, dirs_exist_ok=True)
    code = "import sys; from wizard.cli import main; sys.exit(main())"
    ways = {
        "bundle": (PROGRAM,),
        "installed": ("/srv/installed/bin/python", "-I", "-c", code),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(RUNS + 1):
        for name, words in ways.items():
            seconds[name].append(_seconds(machine, *words, "explain", "2006"))
    bundle, plain = (min(taken[1:]) for taken in seconds.values())
    print(f"{tree.name}: bundle {bundle:.3f} s, installed {plain:.3f} s", file=sys.stderr)
    assert bundle < SLOWER * plain


def _seconds(machine: BareMachine, *words: str) -> float:
    began = time.monotonic()
    done = machine.run(*words)
    taken = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    return taken
