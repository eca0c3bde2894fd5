"""Runs `goneaway-wizard check --format json` on a server under test, as an operator would."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.servers.harness.server import ServerUnderTest

TIME_LIMIT = 300.0


class CheckRun:
    """One run: its exit code, the parsed answer, and what went to stderr.

    `launcher` is put before the command, `environment` replaces this process's.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        password: str = "",
        launcher: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        command = [sys.executable, "-m", "wizard.cli", "check", "--format", "json", *arguments]
        done = subprocess.run(
            [*launcher, *command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIME_LIMIT,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        self.exit_code = done.returncode
        self.stderr = done.stderr
        assert not password or password not in done.stdout + done.stderr
        assert done.stdout, f"no answer: {done.stderr}"
        self.answer: dict[str, Any] = json.loads(done.stdout)

    @property
    def first(self) -> tuple[str, str] | None:
        """The first cause and its verdict."""
        diagnosis = self.answer["diagnosis"]
        return (diagnosis[0]["cause"], diagnosis[0]["verdict"]) if diagnosis else None

    @property
    def accused(self) -> list[str]:
        return [
            d["cause"] for d in self.answer["diagnosis"] if d["verdict"] in ("confirmed", "likely")
        ]

    def step(self, step_id: str) -> dict[str, Any]:
        return next(s for s in self.answer["steps"] if s["id"] == step_id)

    def told(self) -> str:
        """For an assertion's message: what it said, in short."""
        lines = [f"exit {self.exit_code}", f"failures {self.answer['failures']}"]
        for d in self.answer["diagnosis"]:
            reasons = "; ".join(r["signal"] for r in d["for"])
            against = "; ".join(r["signal"] for r in d["against"])
            lines.append(
                f"{d['verdict']:10} {d['confidence']:.2f} {d['cause']} x{d['explains']} "
                f"for [{reasons}] against [{against}]"
            )
        lines += [f"{s['id']}: {s['status']} {s['reason'] or ''}" for s in self.answer["steps"]]
        return "\n".join([*lines, self.stderr])


def check(
    server: ServerUnderTest,
    *more: str,
    app_log: bool = False,
    user: str = "admin",
) -> CheckRun:
    """Check `server` over TCP as `user`, with the application's log where asked."""
    arguments = ["-h", server.host, "-P", str(server.port), "-u", user]
    arguments += ["--password-file", str(password_file(server, user)), *more]
    if app_log:
        arguments += ["--app-log", str(server.directory / "application.log")]
    return CheckRun(arguments, server.passwords[user])


def password_file(server: ServerUnderTest, user: str) -> Path:
    """For --password-file: a file of mode 0600 beside the server's own."""
    path = server.directory / f"{user}.password"
    path.write_text(server.passwords[user], encoding="utf-8")
    path.chmod(0o600)
    return path
