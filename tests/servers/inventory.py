"""An inventory of Ansible under construction, and runs of the program on it."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.daemon import SshDaemon

TIME_LIMIT = 240.0
VAULT = "a vault's password"


@dataclass
class Inventory:
    """A YAML inventory under construction, and runs of the program on it."""

    home: Path
    hosts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.home / "inventory.yml"

    @property
    def cases(self) -> Path:
        return self.home / "cases"

    def add(self, name: str, daemon: SshDaemon | None, **variables: object) -> None:
        way = {"ansible_host": "127.0.0.1", "ansible_user": "root"}
        if daemon is not None:
            way["ansible_port"] = str(daemon.port)
        self.hosts[name] = {**way, **variables}

    def write(self) -> None:
        # JSON is YAML, but for the vault's tag.
        (self.home / "vault-password").write_text(VAULT, encoding="ascii")
        self.path.write_text(json.dumps({"all": {"hosts": self.hosts}}), encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [
            sys.executable, "-m", "wizard", "fleet", "-i", str(self.path), "--dir",
            str(self.cases), "--vault-password-file", str(self.home / "vault-password"), *words,
        ]  # fmt: skip

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        self.write()
        return subprocess.run(
            self.command(*words),
            capture_output=True, text=True, timeout=TIME_LIMIT, stdin=subprocess.DEVNULL,
            check=False,
        )  # fmt: skip


def vaulted(home: Path, passwords: dict[str, str]) -> None:
    """The password of each host's server, in a file that ansible-vault has encrypted."""
    variables = {
        "goneaway_password": "{{ passwords[inventory_hostname] | default('') }}",
        "passwords": passwords,
    }
    (home / "vault-password").write_text(VAULT, encoding="ascii")
    place = home / "group_vars"
    place.mkdir(exist_ok=True)
    (place / "all.yml").write_text(json.dumps(variables), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "ansible", "vault", "encrypt", "--vault-password-file",
         str(home / "vault-password"), str(place / "all.yml")],
        check=True, capture_output=True,
    )  # fmt: skip


def at(server: ServerUnderTest) -> dict[str, object]:
    return {
        "goneaway_socket": str(server.socket),
        "goneaway_error_log": str(server.error_log),
        "goneaway_user": "admin",
    }
