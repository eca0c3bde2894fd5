"""A real inventory: several servers behind an sshd, and hosts that cannot be looked at."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.harness.faults import (
    connection_killed,
    healthy_traffic,
    idle_timeout,
    packet_too_large,
    server_crash,
)
from tests.servers.inventory import TIME_LIMIT, Inventory, at, vaulted
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon, kept_port, new_key
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from tests.unit.schema.strict import assert_fits

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers

LOGIN = "a login's password"


@pytest.fixture
def inventory(
    tmp_path: Path, client_home: ClientHome, monkeypatch: pytest.MonkeyPatch
) -> Inventory:
    monkeypatch.setenv("HOME", str(client_home.home))
    return Inventory(tmp_path)


@pytest.fixture
def daemon(client_home: ClientHome, start_sshd: StartSshd) -> SshDaemon:
    started = start_sshd(authorized=(client_home.key(),))
    client_home.knows(started)
    return started


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Something that lets everybody connect and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        listening.settimeout(TIME_LIMIT)
        yield listening


def test_each_host_is_checked_and_each_that_cannot_be_is_told(
    inventory: Inventory, daemon: SshDaemon, client_home: ClientHome, start_server: StartServer,
    start_sshd: StartSshd, silent: socket.socket, tmp_path: Path,
) -> None:  # fmt: skip
    idle, large = start_server("mariadb"), start_server("mysql")
    crashed, killed = start_server("mariadb"), start_server("mysql")
    quiet, busy = start_server("mariadb"), start_server("mysql")
    staged = {idle: idle_timeout, large: packet_too_large, crashed: server_crash,
              killed: connection_killed, busy: healthy_traffic}  # fmt: skip
    for server, stage in staged.items():
        stage(server)
    servers = {"idle": idle, "large": large, "crashed": crashed, "killed": killed,
               "quiet": quiet, "busy": busy}  # fmt: skip
    passwords = {name: server.passwords["admin"] for name, server in servers.items()}
    passwords |= {"by-password": passwords["quiet"], "login": LOGIN}
    vaulted(tmp_path, passwords)
    stranger = start_sshd()
    options = {"PasswordAuthentication": "yes"}
    typed = start_sshd(password=LOGIN, pam=True, options=options)
    beside = start_sshd(authorized=daemon.authorized)
    client_home.knows(daemon, typed, beside)
    known = client_home.known_hosts.read_text(encoding="ascii")
    wrong = new_key(tmp_path / "wrong-key")
    kind, key = Path(f"{wrong}.pub").read_text(encoding="ascii").split()[:2]
    changed = f"[127.0.0.1]:{stranger.port} {kind} {key}\n"
    client_home.known_hosts.write_text(known + changed, encoding="ascii")

    for number, (name, server) in enumerate(servers.items()):
        told = {"goneaway_app_log": [str(server.directory / "application.log")]}
        inventory.add(
            name, (daemon, beside)[number % 2], **at(server), **told if server in staged else {}
        )
    inventory.add(
        "by-password", typed, ansible_user=OPERATOR, goneaway_host="127.0.0.1",
        ansible_password="{{ passwords['login'] }}", goneaway_port=quiet.port,
        goneaway_user="admin",
    )  # fmt: skip
    inventory.add("refused", None, ansible_port=kept_port())
    inventory.add("changed-key", stranger)
    inventory.add("hanging", None, ansible_port=silent.getsockname()[1], goneaway_time_limit=5)
    inventory.add("misspelt", daemon, goneaway_pasword="x")
    done = inventory.run("--format", "json", "--forks", "4")
    assert done.returncode == 1, done.stderr
    answer = json.loads(done.stdout)
    assert_fits("fleet", answer)
    causes = {h["host"]: [c["cause"] for c in h["causes"]] for h in answer["hosts"]}
    assert causes.keys() == {*servers, "by-password"}, answer["not_looked_at"]
    assert set(causes["idle"]) & {"idle-timeout", "stale-pooled-connection"}
    assert causes["large"] == ["packet-too-large"]
    assert causes["crashed"][0] == "server-crash"
    assert causes["killed"] == ["connection-killed"]
    assert causes["quiet"] == causes["by-password"] == causes["busy"] == []
    why = {h["host"]: h["reason"] for h in answer["not_looked_at"]}
    assert why.keys() == {"refused", "changed-key", "hanging", "misspelt"}
    assert "key" in why["changed-key"]
    assert "5 s" in why["hanging"] or "no answer" in why["hanging"]
    assert "goneaway_pasword" in why["misspelt"]
    for path in [p for p in inventory.cases.rglob("*") if p.is_file()]:
        assert not [p for p in passwords.values() if p in path.read_text(encoding="utf-8")]
        assert path.stat().st_mode & 0o077 == 0
    assert not [p for p in passwords.values() if p in done.stdout + done.stderr]

    again = inventory.run("--format", "csv", "--resume")
    assert again.returncode == 1, again.stderr
    assert again.stdout.splitlines()[1].split(",")[0] in servers
    refused = inventory.run()
    assert (refused.returncode, "--resume" in refused.stderr) == (2, True)


def test_ctrl_c_keeps_what_is_there_and_leaves_nobody_behind(
    inventory: Inventory, silent: socket.socket
) -> None:
    for number in range(3):
        inventory.add(f"hanging{number}", None, ansible_port=silent.getsockname()[1])
    inventory.write()
    running = subprocess.Popen(
        inventory.command("--forks", "3", "--time-limit", "10m"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    connected = [silent.accept()[0] for _ in range(3)]
    began = time.monotonic()
    while len(_checks()) != 3:  # a child that is not its own program yet looks like one more
        assert time.monotonic() - began < TIME_LIMIT
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=TIME_LIMIT)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    assert all(f"hanging{number}: it was not reached" in out for number in range(3)), out
    began = time.monotonic()
    while _checks():
        assert time.monotonic() - began < TIME_LIMIT
        time.sleep(0.1)
    for each in connected:
        each.close()


@pytest.mark.parametrize(
    ("number", "whole_group"),
    [(signal.SIGKILL, False), (signal.SIGTERM, False), (signal.SIGHUP, True)],
    ids=["killed", "ended", "hung-up"],
)
def test_nobody_is_left_behind_by_a_fleet_that_is_ended(
    inventory: Inventory, tmp_path: Path, number: signal.Signals, whole_group: bool
) -> None:
    """SIGHUP comes to all whom the terminal has in front, Ansible among them."""
    lasting = tmp_path / "lasting"
    lasting.write_text("#!/bin/sh\ncat >/dev/null\n", encoding="ascii")
    lasting.chmod(0o700)
    for name in ("one", "two"):
        inventory.add(name, None, goneaway_python=str(lasting))
    inventory.write()
    running = subprocess.Popen(
        inventory.command("--time-limit", "10m"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    began = time.monotonic()
    while len(_checks()) < 2:
        assert time.monotonic() - began < TIME_LIMIT
        time.sleep(0.1)
    assert _checks(b"ansible")
    (os.killpg if whole_group else os.kill)(running.pid, number)
    began = time.monotonic()
    while left := [*_checks(), *_checks(b"ansible")]:
        assert time.monotonic() - began < 60, left
        time.sleep(0.1)
    running.communicate(timeout=TIME_LIMIT)


def _checks(program: bytes = b"wizard.commands.fleet_host") -> list[str]:
    """Processes that check a host for this test; its home tells them from others'."""
    mine = f"HOME={os.environ['HOME']}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes()
            variables = (place / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if program in words and mine in variables:
            found.append(place.name)
    return found


def test_an_inventory_that_is_not_there_is_wrong_usage(inventory: Inventory) -> None:
    inventory.write()
    inventory.path.unlink()
    done = subprocess.run(
        inventory.command(), capture_output=True, text=True, timeout=TIME_LIMIT, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") <= 2
    assert "inventory" in done.stderr


def test_the_readme_s_playbook_returns_facts_and_fails_by_the_verdict(
    inventory: Inventory, daemon: SshDaemon, start_server: StartServer, tmp_path: Path
) -> None:
    crashed = start_server("mariadb")
    crashed.segv()
    crashed.wait_until_gone()
    crashed.start()
    password = crashed.passwords["admin"]
    vaulted(tmp_path, {"crashed": password, "strict": password})
    inventory.add("crashed", daemon, **at(crashed))
    inventory.add("strict", daemon, **at(crashed), fail_on="confirmed")
    inventory.write()
    shutil.copy(Path(__file__).parents[2] / "wizard" / "fleet" / "playbook.yml", tmp_path)
    where = subprocess.run(
        [sys.executable, "-m", "wizard", "fleet", "--collections"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    command = [
        sys.executable, "-m", "ansible", "playbook", "-i", str(inventory.path),
        "--vault-password-file", str(tmp_path / "vault-password"), "-vvv", "playbook.yml",
    ]  # fmt: skip
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": where, "ANSIBLE_NOCOLOR": "1"}

    done = subprocess.run(
        command,
        capture_output=True, text=True, timeout=TIME_LIMIT, cwd=tmp_path, check=False,
        env=environment,
    )  # fmt: skip
    assert done.returncode == 2, done.stdout + done.stderr
    assert crashed.passwords["admin"] not in done.stdout + done.stderr
    assert "crashed: server-crash" in done.stdout
    assert "failures explained" in done.stdout
    assert "connections go away because of server-crash (confirmed)" in done.stdout
    assert "strict: server-crash" not in done.stdout
