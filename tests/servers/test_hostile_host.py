"""`check --ssh` on a machine whose shell answers nonsense: the database's steps go on."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.servers.check_run import password_file
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers

SHELLS = {
    "endless text": "exec yes 2026-08-05",
    "endless bytes": "exec cat /dev/zero",
    "one endless line": "exec tr '\\0' x </dev/zero",
    "random bytes": "head -c 300000 /dev/urandom",
    "nothing": "exit 0",
    "an error": "echo no >&2; exit 126",
    "a banner": "echo Welcome; echo '*** maintenance ***'; exec /bin/sh \"$@\"",
    "silence": "exec sleep 600",
    "a late answer": 'sleep 2; exec /bin/sh "$@"',
    "killed": "kill -9 $$",
    "escapes": "printf '\\033[2J\\033]0;owned\\007[bold]%s' \"$*\"; exit 1",
    "its own words": "printf '%s\\n' \"$@\"",
    "half an answer": '/bin/sh "$@" | head -c 200',
    "doubled": '/bin/sh "$@" | sed p',
    "huge numbers": "/bin/sh \"$@\" | sed 's/[0-9][0-9]*/99999999999999999999999999/g'",
    "no numbers": "/bin/sh \"$@\" | sed 's/[0-9]/x/g'",
    "complaints without end": "exec cat /dev/zero >&2",
    "another character set": '/bin/sh "$@" | tr "a-z" "\\337-\\370"',
}
"""What runs in place of the account's shell."""

MORE_SHELLS = {
    "closed, and no end": "exec >&- 2>&-; exec sleep 600",
    "complaints beside each answer": '(yes "bash: warning: setlocale: LC_ALL" | head -c 9000000 '
    '>&2) & /bin/sh "$@"; wait',
    "a child that stays": 'sleep 600 & exec /bin/sh "$@"',
    "ends as if SSH had failed": '/bin/sh "$@"; exit 255',
    "ends by a signal, after its answer": '/bin/sh "$@"; kill -SEGV $$',
    "carriage returns": "/bin/sh \"$@\" | sed 's/$/\r/'",
    "an echo first": 'printf "%s\\n" "$2"; exec /bin/sh "$@"',
}
"""Siblings of those, which `make soak` tries as well."""

DATABASE = ("connection", "settings", "counters")
"""Steps that need nothing of the machine."""

TIME_LIMIT = 300.0


def run(server: ServerUnderTest, port: int) -> "subprocess.CompletedProcess[str]":
    words = ["--ssh", f"root@127.0.0.1:{port}", "-h", "127.0.0.1", "-P", str(server.port)]
    words += ["-u", "admin", "--password-file", str(password_file(server, "admin"))]
    return subprocess.run(
        [sys.executable, "-m", "wizard.cli", "check", "--format", "json", *words],
        capture_output=True, text=True, timeout=TIME_LIMIT, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def faults(done: "subprocess.CompletedProcess[str]", password: str) -> list[str]:
    said = done.stdout + done.stderr
    found = ["a traceback"] if "Traceback" in said else []
    found += ["an escape"] if "\x1b" in said or "\x07" in said else []
    found += ["the password"] if password in said else []
    found += ["exit code"] if done.returncode not in (0, 1) else []
    try:
        steps: dict[str, Any] = {s["id"]: s for s in json.loads(done.stdout)["steps"]}
    except ValueError:
        return [*found, "no JSON"]
    lost = [name for name in DATABASE if steps[name]["status"] != "done"]
    return [*found, *(f"{name}: {steps[name]['reason']}" for name in lost)]


def test_a_host_that_answers_nonsense_costs_no_step_of_the_database(
    mariadb: ServerUnderTest,
    client_home: ClientHome,
    start_sshd: StartSshd,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("HOME", str(client_home.home))
    key = client_home.key()
    daemons = {}
    shells = {**SHELLS, **(MORE_SHELLS if os.environ.get("GONEAWAY_HOSTILE") else {})}
    for number, (name, script) in enumerate(shells.items()):
        shell = tmp_path / f"shell-{number}"
        shell.write_text(f"#!/bin/sh\n{script}\n")
        shell.chmod(0o755)
        daemons[name] = start_sshd(authorized=(key,), shell=str(shell))
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
    client_home.knows(*daemons.values())
    with ThreadPoolExecutor(6) as pool:
        done = dict(
            zip(daemons, pool.map(lambda d: run(mariadb, d.port), daemons.values()), strict=True)
        )
    wrong = {
        name: (found, one.returncode, one.stderr[-300:])
        for name, one in done.items()
        if (found := faults(one, mariadb.passwords["admin"]))
    }
    assert not wrong, "\n".join(map(str, wrong.items()))
