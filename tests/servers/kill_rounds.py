"""`kill -9` of the wizard at random moments of apply and undo, round after round.

Run as a program of its own, since each victim is forked from it: `python -m
tests.servers.kill_rounds PORT ADMIN_PASSWORD_FILE ROUNDS SEED [DIRECTORY]`. After each kill the
journal has to name what is in force, and undo has to bring everything back; DIRECTORY holds the
option files, which the server itself must accept at each moment. Exit code 1 and one line where a
promise does not hold.
"""

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.load import load
from wizard.hosts.local.host import LocalHost
from wizard.remedies.apply import apply
from wizard.remedies.journal import Journal
from wizard.remedies.plan import Plan, plan
from wizard.remedies.situation import observe
from wizard.remedies.undo import undo
from wizard.remedies.which_change import in_force
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.target.model import Secret, SslMode, Target, Tls

OLD = {"wait_timeout": "4000", "interactive_timeout": "4000"}


class Broken(Exception):
    """A promise that did not hold."""


@dataclass
class Rounds:
    port: int
    password: Path
    dice: random.Random
    directory: Path | None
    host: LocalHost = field(default_factory=LocalHost)
    caught: int = 0

    @property
    def target(self) -> Target:
        secret = Secret(self.password.read_text().strip())
        tls = Tls(SslMode.DISABLED) if self.directory else Tls()
        return Target(host="127.0.0.1", port=self.port, user="admin", password=secret, tls=tls)

    @property
    def connector(self) -> PyMySqlConnector:
        return PyMySqlConnector(self.target)

    def planned(self) -> Plan:
        session = self.connector.connect()
        try:
            where = observe(session, self.target, host=self.host, files_at=self.host)
        finally:
            session.close()
        wanted = {"wait_timeout": "9h", "interactive_timeout": "9h"}
        return plan(load().remedies["raise-wait-timeout"], where, wanted, persist=True)

    def changes(self, planned: Plan) -> None:
        session = self.connector.connect()
        apply(planned, session, self.connector, Journal.default())

    def takes_back(self) -> None:
        session = self.connector.connect()
        for entry in in_force(Journal.default().entries()):
            undo(entry, session, Journal.default())
        session.close()

    def files(self) -> dict[str, bytes]:
        folder = self.directory
        return {} if folder is None else {p.name: p.read_bytes() for p in folder.glob("*.cnf")}

    def values(self) -> dict[str, str]:
        session = self.connector.connect()
        found = {name: str(session.value(f"SELECT @@global.{name}")) for name in OLD}
        if self.directory is None:
            rows = session.rows("SELECT VARIABLE_NAME FROM performance_schema.persisted_variables")
            found |= {"persisted": str(len(rows))}
        session.close()
        return found

    def killed(self, work: Callable[[], None], longest: float) -> None:
        """Fork, let the child work, and kill it after a while drawn by lot."""
        child = os.fork()
        if child == 0:
            try:
                work()
            finally:
                os._exit(0)
        time.sleep(self.dice.uniform(0.0, longest))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        self.caught += os.WIFSIGNALED(status)

    def round(self, longest: float) -> None:
        before = self.files()
        planned = self.planned()
        self.killed(lambda: self.changes(planned), longest)
        self.servers_view(planned)
        self.killed(self.takes_back, longest)
        self.servers_view(planned)
        self.takes_back()
        if left := in_force(Journal.default().entries()):
            raise Broken(f"still in force after undo: {left[0]}")
        if self.files() != before:
            raise Broken(f"option files differ: {sorted(self.files())}, were {sorted(before)}")
        now = {name: value for name, value in self.values().items() if name in OLD}
        if now != OLD:
            raise Broken(f"values differ: {now}")
        if self.values().get("persisted", "0") != "0":
            raise Broken("something is persisted still")

    def servers_view(self, planned: Plan) -> None:
        """Now and then: half a second each."""
        if planned.check is None or self.dice.random() > 0.2:
            return
        if complaint := planned.check.complaint(self.host):
            raise Broken(f"the server would not start: {complaint}")


def _took(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def main(words: list[str]) -> int:
    port, password, rounds, seed, *more = words
    dice = random.Random(int(seed))
    directory = Path(more[0]) if more else None
    it = Rounds(int(port), Path(password), dice, directory)
    planned = it.planned()
    longest = max(_took(lambda: it.changes(planned)), _took(it.takes_back)) * 1.1
    for number in range(int(rounds)):
        try:
            it.round(longest)
        except Broken as broken:
            print(f"round {number} of seed {seed}: {broken}")
            return 1
    print(f"{rounds} rounds, {it.caught} of {2 * int(rounds)} victims killed at work")
    if directory is not None and (litter := list(directory.glob(".*"))):
        print(f"left behind: {litter}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
