"""`python -m tests.soak --seconds N --seed S`: `make soak` runs it for an hour.

A real server, and wizards at it: looking, changing, undoing, two at once, with keys at random,
through a relay that cuts, killed at random moments. At the end nothing may be left changed, no
session, process or file may be left behind, and memory has to be flat. Exit code 1 and the seed
where something is.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.relay import Relay
from tests.pty.terminal import Terminal
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import data_templates, start_with
from wizard.remedies.journal import Journal

LIMIT = 180.0
"""Seconds after which a wizard that was not killed hangs, if it has hardly worked in them."""

_TURNS = 10
_HARDLY = 0.2
"""Seconds of CPU: one that waits for something takes less, one that gets its turn more."""

WATCHED = ("wait_timeout", "interactive_timeout", "max_allowed_packet", "max_connections")
_FIXES = (
    ("raise-wait-timeout", "wait_timeout", ("9h", "10h", "11h")),
    ("raise-max-allowed-packet", "max_allowed_packet", ("80M", "96M")),
    ("raise-max-connections", "max_connections", ("200", "300")),
)
_KEYS = "123456789jkhlqe?/nptuyKc\t\r\x1b\x1b[A\x1b[B"
_GROWTH = 40 << 20
"""Bytes by which a process that looks again and again may grow."""


class Broken(Exception):
    """A promise that did not hold; the message is one line."""


@dataclass
class Soak:
    """`home` is the wizards' own; `done` counts what was tried."""

    server: ServerUnderTest
    home: Path
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    @property
    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "MYSQL_"))}
        return {**kept, "HOME": str(self.home), "TMPDIR": str(self.home / "tmp")}

    @property
    def journal(self) -> Journal:
        return Journal.default({"XDG_STATE_HOME": str(self.home / ".local" / "state")})

    def words(self, command: str, *more: str, port: int | None = None) -> list[str]:
        way = ["-h", self.server.host, "-P", str(port or self.server.port), "-u", "admin"]
        password = ["--password-file", str(self.home / "password")]
        return [sys.executable, "-m", "wizard.cli", command, *way, *password, *more]

    def start(self, words: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            words, env=self.environ, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ends(self, process: "subprocess.Popen[str]", codes: tuple[int, ...]) -> str:
        said = _said(process)
        if "Traceback" in said or self.server.passwords["admin"] in said:
            raise Broken(f"a traceback or the password: {said[-500:]}")
        if process.returncode not in codes:
            raise Broken(f"exit code {process.returncode}: {said[-500:]}")
        return said

    def looks(self) -> None:
        probe = self.dice.choice([(), ("--probe", "latency"), ("--probe", "workload")])
        self.ends(self.start(self.words("check", *probe)), (0, 1))

    def changes(self) -> None:
        self.ends(self.start(self._a_fix()), (0, 1))

    def takes_back(self) -> None:
        self.ends(self.start(self.words("undo", "--yes")), (0, 1))

    def two_at_once(self) -> None:
        both = [self.start(self.dice.choice((self._a_fix(), self.words("undo", "--yes"))))
                for _ in range(2)]  # fmt: skip
        for process in both:
            self.ends(process, (0, 1))

    def is_killed(self) -> None:
        process = self.start(self.dice.choice((self._a_fix(), self.words("undo", "--yes"))))
        time.sleep(self.dice.uniform(0.0, 3.0))
        process.send_signal(self.dice.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGHUP)))
        process.communicate()

    def is_cut(self) -> None:
        way = (self.server.host, self.server.port)
        with Relay(way, idle_limit=self.dice.uniform(0.05, 1.5)) as relay:
            command = self.dice.choice(("check", "undo"))
            words = self.words(command, *(["--yes"] * (command == "undo")), port=relay.port)
            self.ends(self.start(words), (0, 1, 3))

    def gets_keys(self) -> None:
        words = [str(word) for word in self.words("x")[4:]]
        code = f"import sys; from wizard.cli import main; sys.exit(main({words!r}))"
        with Terminal(code, self.environ) as terminal:
            end = time.monotonic() + self.dice.uniform(2.0, 12.0)
            while time.monotonic() < end and terminal.process.poll() is None:
                with suppress(OSError):
                    terminal.keys(self.dice.choice(_KEYS))
                terminal.read(0.05)
            if terminal.process.poll() is None:
                terminal.signal(self.dice.choice((signal.SIGTERM, signal.SIGKILL, signal.SIGHUP)))
        if b"Traceback" in terminal.output:
            raise Broken(f"a traceback on the screen: {terminal.output[-800:]!r}")

    def server_restarts(self) -> None:
        self.server.restart()

    def server_is_killed(self) -> None:
        """In the middle of a look or a change, which has to end in order all the same."""
        process = self.start(self.dice.choice((self.words("check"), self._a_fix())))
        time.sleep(self.dice.uniform(0.3, 3.0))
        self.server.kill9()
        self.server.start()
        self.ends(process, (0, 1, 3))

    def sessions_are_killed(self) -> None:
        process = self.start(self.dice.choice((self.words("check"), self._a_fix())))
        while process.poll() is None:
            for row in self.server.sql("SHOW PROCESSLIST"):
                if str(row["User"]) == "admin" and "PROCESSLIST" not in str(row["Info"]):
                    with suppress(Exception):
                        self.server.sql(f"KILL {int(row['Id'])}")
            time.sleep(self.dice.uniform(0.05, 1.0))
        self.ends(process, (0, 1, 3))

    def _a_fix(self) -> list[str]:
        remedy, variable, values = self.dice.choice(_FIXES)
        value = self.dice.choice(values)
        return self.words("fix", remedy, "--set", f"{variable}={value}", "--yes")

    def values(self) -> dict[str, str]:
        rows = self.server.sql("SHOW GLOBAL VARIABLES")
        found = {str(row["Variable_name"]): str(row["Value"]) for row in rows}
        return {name: found[name] for name in WATCHED}

    def take_all_back(self) -> None:
        """Undo until nothing is in force: each one has to succeed, whatever came before."""
        for _ in range(1000):
            if not any(entry.state.in_force for entry in self.journal.entries()):
                return
            self.ends(self.start(self.words("undo", "--yes")), (0,))
        raise Broken("undo does not come to an end")

    def left_behind(self) -> list[str]:
        """Sessions, processes and files of wizards that have ended."""
        rows = self.server.sql("SHOW PROCESSLIST")
        found = [f"a session: {r}" for r in rows if str(r["User"]) == "admin" and
                 "PROCESSLIST" not in str(r["Info"])]  # fmt: skip
        mark = f"HOME={self.home}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (process / "environ").read_bytes().split(b"\0"):
                    found.append(f"a process: {(process / 'cmdline').read_bytes()!r}")
        found += [f"a file: {path}" for path in (self.home / "tmp").iterdir()]
        return found


def _said(process: "subprocess.Popen[str]") -> str:
    """What it said until its end. Raises Broken where it hangs: it has done nothing for `LIMIT`.

    One that works still, on a machine that gives it little time, is waited for `_TURNS` times.
    """
    before = -1.0
    for _ in range(_TURNS):
        try:
            return process.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            if (worked := _worked(process.pid)) <= before + _HARDLY:
                break
            before = worked
    process.kill()
    process.communicate()
    raise Broken(f"it hangs: {process.args!r}")


def _worked(pid: int) -> float:
    """Seconds of CPU that the process has taken (proc(5), stat)."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def memory_grows(soak: Soak, rounds: int) -> tuple[int, int]:
    """Bytes of a process that looks again and again: after it has warmed up, and at its end."""
    code = (
        "import sys, resource\n"
        "from wizard.commands.check import investigate\n"
        "from wizard.investigation.begin import begin_with\n"
        "from wizard.target.flags import TargetParser, add_target_arguments, target_arguments\n"
        "p = TargetParser(); add_target_arguments(p)\n"
        "b = begin_with(target_arguments(p.parse_args(sys.argv[2:])), None, lambda _l: None,"
        " lambda s: s[0])\n"
        "def now():\n"
        "    return int(open('/proc/self/statm').read().split()[1]) * resource.getpagesize()\n"
        "for _ in range(5): investigate(b)\n"
        "first = now()\n"
        "for _ in range(int(sys.argv[1])): investigate(b)\n"
        "print(first, now())\n"
    )
    words = [sys.executable, "-c", code, str(rounds), *soak.words("x")[4:]]
    first, last = soak.ends(soak.start(words), (0,)).split()[-2:]
    return int(first), int(last)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--product", default="mariadb")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as name,
        data_templates() as templates,
        ExitStack() as stack,
    ):
        server = start_with(stack, templates, options.product, {})
        soak = Soak(server, Path(name), random.Random(options.seed))
        (soak.home / "tmp").mkdir()
        (soak.home / "password").write_text(server.passwords["admin"])
        (soak.home / "password").chmod(0o600)
        try:
            run(soak, options.seconds)
        except Broken as broken:
            print(f"seed {options.seed}: {broken}")
            return 1
    print("; ".join(f"{name} {count}" for name, count in sorted(soak.done.items())))
    return 0


def run(soak: Soak, seconds: float) -> None:
    """Do things at random for so long, then look at what is left. Raises Broken."""
    acts: tuple[tuple[Callable[[], None], int], ...] = (
        (soak.looks, 2), (soak.changes, 4), (soak.takes_back, 3), (soak.two_at_once, 3),
        (soak.is_killed, 5), (soak.is_cut, 2), (soak.gets_keys, 2), (soak.server_restarts, 1),
        (soak.server_is_killed, 1), (soak.sessions_are_killed, 1),
    )  # fmt: skip
    before = soak.values()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        act = soak.dice.choices([a for a, _ in acts], [w for _, w in acts])[0]
        soak.done[act.__name__] += 1
        act()
    soak.take_all_back()
    if (after := soak.values()) != before:
        raise Broken(f"left changed: {before} -> {after}")
    give_up = time.monotonic() + 30
    while (left := soak.left_behind()) and time.monotonic() < give_up:
        time.sleep(0.5)
    if left:
        raise Broken("; ".join(left))
    first, last = memory_grows(soak, 20)
    print(f"memory {first >> 20} MB after 5 looks, {last >> 20} MB after 25")
    if last - first > _GROWTH:
        raise Broken(f"20 looks take {(last - first) >> 20} MB more")


if __name__ == "__main__":
    sys.exit(main())
