"""The bundle's parts that need no download: its platforms, and one for this machine alone."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.tags import sys_tags

from tests.bundle.pack import PLATFORMS, own_wheel, pack
from tests.servers.conftest import StartServer, start_server
from tests.servers.harness.faults import packet_too_large
from tests.servers.inventory import Inventory, at, vaulted
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from wizard import __version__
from wizard.case.case_file import load

__all__ = ["client_home", "start_server", "start_sshd"]


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


@pytest.fixture
def there() -> Iterator[Path]:
    """A directory that another account may enter: pytest closes its own, with every session."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@pytest.mark.servers
def test_ansible_copies_it_to_a_host_as_root_and_leaves_nothing(
    bundle: Path, client_home: ClientHome, start_sshd: StartSshd, start_server: StartServer,
    there: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The account that logs in may read neither log; sudo wants its password."""
    monkeypatch.setenv("HOME", str(client_home.home))
    server = start_server("mysql")
    packet_too_large(server)
    log = server.directory / "application.log"
    log.chmod(0o600)
    login = "a login's password"
    daemon = start_sshd(
        authorized=(client_home.key(),), password=login,
        sudoers=f"Defaults !lecture, timestamp_timeout=0\n{OPERATOR} ALL=(ALL) ALL",
    )  # fmt: skip
    client_home.knows(daemon)
    vaulted(tmp_path, {"large": server.passwords["admin"], "slow": server.passwords["admin"]})
    there.chmod(0o777)
    way = {
        "ansible_user": OPERATOR, "ansible_become": True, "ansible_become_password": login,
        "ansible_ssh_private_key_file": str(client_home.home / ".ssh" / "id_ed25519"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={client_home.known_hosts}",
        "ansible_ssh_args": "-o ControlPath=none",
        "ansible_remote_tmp": str(there), "goneaway_file": str(bundle),
        "goneaway_python": sys.executable, **at(server), "goneaway_app_log": [str(log)],
    }  # fmt: skip
    inventory = Inventory(tmp_path)
    inventory.add("large", daemon, **way)
    inventory.add("slow", daemon, **way | {"goneaway_time_limit": 0.1})
    inventory.add("no-file", daemon, **way | {"goneaway_file": "/nowhere.pyz"})
    inventory.add("no-python", daemon, **way | {"goneaway_python": "/nowhere/python3"})
    done = inventory.run("--format", "json", "--forks", "4")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    why = {h["host"]: h["reason"] for h in answer["not_looked_at"]}
    assert why.keys() == {"slow", "no-file", "no-python"}
    assert "0.1 s" in why["slow"]
    assert "make bundle" in why["no-file"]
    assert "/nowhere/python3" in why["no-python"]
    assert [c["cause"] for c in answer["hosts"][0]["causes"]] == ["packet-too-large"]
    assert load(inventory.cases / "large.case.json").step("error-log") is not None
    secrets = (login, server.passwords["admin"])
    for text in (done.stdout, done.stderr, *_texts(inventory.cases), *_texts(daemon.directory)):
        assert not [secret for secret in secrets if secret in text]
    assert list(there.iterdir()) == []


def _texts(place: Path) -> list[str]:
    return [p.read_text(encoding="utf-8", errors="replace") for p in place.glob("*.*")]
