"""Ansible itself, running the playbook that checks every host of an inventory.

`ansible-playbook` reads the inventory, opens the vault and obeys limits and forks; the callback
`goneaway.wizard.tell` writes one line of JSON a result to its standard output.
"""

import ctypes
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wizard.safety.errors import UsageError
from wizard.safety.extras import install_command
from wizard.safety.sanitize import sanitize

COLLECTIONS = Path(__file__).parent / "collections"
PLAYBOOK = COLLECTIONS / "ansible_collections/goneaway/wizard/playbooks/fleet.yml"

_LEAVE_SECONDS = 10.0
_MAX_SAID = 8000

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


class AnsibleError(UsageError):
    """Ansible looked at no host: what it was given it cannot use; the message is its own."""


@dataclass(frozen=True, slots=True)
class AnsibleOptions:
    """What is handed on to ansible-playbook as it is."""

    inventories: tuple[str, ...]
    limit: str | None = None
    forks: int | None = None
    vault_password_files: tuple[str, ...] = ()
    ask_vault_password: bool = False

    def words(self) -> Iterator[str]:
        for inventory in self.inventories:
            yield from ("--inventory", inventory)
        if self.limit is not None:
            yield from ("--limit", self.limit)
        if self.forks is not None:
            yield from ("--forks", str(self.forks))
        for file in self.vault_password_files:
            yield from ("--vault-password-file", file)
        if self.ask_vault_password:
            yield "--ask-vault-password"


def require_ansible() -> None:
    """Raises UsageError where the extra is not installed."""
    if importlib.util.find_spec("ansible") is None:
        raise UsageError(
            "the fleet is driven by Ansible, which is not installed here: "
            f"{install_command('fleet')}"
        )


def environment(base: dict[str, str]) -> dict[str, str]:
    """Ansible's, so that it finds the collection and tells results as lines of JSON."""
    paths = [str(COLLECTIONS), base.get("ANSIBLE_COLLECTIONS_PATH", "")]
    return {
        **base,
        "ANSIBLE_COLLECTIONS_PATH": ":".join(filter(None, paths)),
        "ANSIBLE_STDOUT_CALLBACK": "goneaway.wizard.tell",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
    }


def run_fleet(options: AnsibleOptions, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Lines of the callback, as they come. `asked` are variables of the playbook, and no secrets.

    Raises AnsibleError. Closing the generator ends Ansible.
    """
    variables = json.dumps({"goneaway_fleet": asked})
    command = [
        sys.executable, "-m", "ansible", "playbook", *options.words(), "--extra-vars", variables,
        str(PLAYBOOK),
    ]  # fmt: skip
    told_hosts = False
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=said, env=environment(dict(os.environ)),
            preexec_fn=partial(_end_with, os.getpid()),
        )  # fmt: skip
        try:
            assert process.stdout is not None
            for event in _events(process.stdout):
                told_hosts = told_hosts or bool(event.get("hosts"))
                yield event
            process.wait()
        finally:
            _leave(process)
        if not told_hosts:
            raise AnsibleError(f"Ansible looked at no host: {_last_words(said)}")


def _end_with(parent: int) -> None:
    """In the new process: it is told to end when the wizard is gone, also by `kill -9`.

    Ansible hands SIGTERM on to its workers, which have sessions of their own; of a SIGHUP it would
    die alone. Only Linux has prctl(2).
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != parent:
        os._exit(1)


def _events(lines: Any) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and ("hosts" in event or "host" in event):
            yield event


def _leave(process: "subprocess.Popen[bytes]") -> None:
    """End Ansible if it still runs; it ends its workers, and each worker its check."""
    if process.stdout is not None:
        process.stdout.close()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_LEAVE_SECONDS)


def _last_words(said: Any) -> str:
    said.seek(0, os.SEEK_END)
    said.seek(max(0, said.tell() - _MAX_SAID))
    text = said.read().decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("[ERROR]")] or lines[-2:]
    return sanitize(" ".join(told) or "it said nothing", 600)
