"""Runs the program again and again, each time in a process forked from this one.

Each command still has a process of its own, with its own environment and descriptors; only the
imports are done once. `python -m tests.servers.fix_zygote` reads one JSON request a line, and
answers with the exit code.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from functools import cache
from pathlib import Path

PRELOADED = (
    "wizard.cli",
    "wizard.commands.fix",
    "wizard.commands.fix_actions",
    "wizard.commands.fix_apply",
    "wizard.commands.fix_follow",
    "wizard.commands.fix_host",
    "wizard.commands.fix_proposals",
    "wizard.commands.undo",
    "wizard.diagnosis.diagnose",
    "wizard.hosts.remote.host",
    "wizard.investigation.run",
    "wizard.remedies.hand_on",
    "wizard.remedies.proof_lines",
    "wizard.server.pymysql_session",
    "wizard.steps.order",
)


class Zygote:
    """The process that others are forked from, as the tests see it. One command at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers.fix_zygote"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        self._one = threading.Lock()

    def run(
        self,
        words: Sequence[str],
        out: Path,
        err: Path,
        seconds: float,
        killed_after: float | None = None,
    ) -> int:
        """The exit code, -9 where it was killed on its way; what it wrote is in the two files."""
        request = {
            "words": list(words), "out": str(out), "err": str(err), "seconds": seconds,
            "environ": dict(os.environ), "cwd": str(Path.cwd()), "killed_after": killed_after,
        }  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        assert answer.strip(), "the process that commands are forked from has ended"
        return int(answer)


@cache
def zygote() -> Zygote:
    """It ends with the tests: its input is at its end then."""
    return Zygote()


def _become(request: dict[str, object]) -> int:
    """The child: the program, as a shell would start it."""
    from wizard.cli import main

    os.setsid()
    environ = request["environ"]
    assert isinstance(environ, dict)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(str(request["cwd"]))
    for number, name in ((0, os.devnull), (1, request["out"]), (2, request["err"])):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(str(name), flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    words = request["words"]
    assert isinstance(words, list)
    sys.argv = ["goneaway-wizard", *words]
    signal.alarm(int(float(str(request["seconds"]))))
    try:
        return main(words)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1


def _serve() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _become(request)
                sys.stdout.flush()
                sys.stderr.flush()
            except BaseException:  # noqa: BLE001 - told, and the exit code says it failed
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(code)
        if request["killed_after"] is not None:
            time.sleep(request["killed_after"])
            os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    _serve()
