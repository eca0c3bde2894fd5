"""The engine's calls for a fix, bound to one server under test."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from knowledge.load import load
from tests.servers.fix_zygote import zygote
from tests.servers.harness.server import ServerUnderTest
from wizard.hosts.local.host import LocalHost
from wizard.remedies.apply import Applied, apply
from wizard.remedies.journal import Journal
from wizard.remedies.plan import Plan, plan
from wizard.remedies.situation import Situation, observe
from wizard.remedies.verify import Verification, verify
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import ServerSession
from wizard.target.model import Secret, SslMode, Target, Tls

TIME_LIMIT = 300.0


@dataclass(slots=True)
class Engine:
    """Connects as `user`; the journal is the one that the command line uses."""

    server: ServerUnderTest
    user: str = "admin"

    @property
    def target(self) -> Target:
        return Target(
            host=self.server.host,
            port=self.server.port,
            user=self.user,
            password=Secret(self.server.passwords[self.user]),
            tls=Tls(SslMode.DISABLED) if self.server.flavor == "mariadb" else Tls(),
        )

    @property
    def connector(self) -> PyMySqlConnector:
        return PyMySqlConnector(self.target)

    @property
    def journal(self) -> Journal:
        return Journal.default()

    def session(self) -> ServerSession:
        return self.connector.connect()

    def observe(self) -> Situation:
        session = self.session()
        try:
            return observe(session, self.target, host=LocalHost(), files_at=LocalHost())
        finally:
            session.close()

    def plan(self, remedy: str, persist: bool = False, **wanted: str) -> Plan:
        return plan(load().remedies[remedy], self.observe(), wanted, persist)

    def apply(self, planned: Plan) -> Applied:
        session = self.session()
        try:
            return apply(planned, session, self.connector, self.journal)
        finally:
            session.close()

    def verify(self, applied: Applied) -> Verification:
        session = self.session()
        try:
            return verify(
                applied.entry, session, self.connector, self.journal, witness=applied.witness
            )
        finally:
            session.close()

    def value(self, name: str) -> str:
        (row,) = self.server.sql("SHOW GLOBAL VARIABLES LIKE %s", name)
        return str(row["Value"])


@dataclass(frozen=True, slots=True)
class Run:
    code: int
    out: str
    err: str


def command(server: ServerUnderTest, directory: Path, *words: str, user: str = "admin") -> Run:
    """Run the program as an operator without a terminal would; `words` begin with the command."""
    password = directory / f"password-{user}"
    password.write_text(server.passwords[user])
    target = ["-h", server.host, "-P", str(server.port), "-u", user]
    return program(words[0], *target, "--password-file", str(password), *words[1:])


def program(*words: str, killed_after: float | None = None) -> Run:
    """The program in a process of its own, without a terminal; `kill -9` after so many
    seconds."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        out.touch()
        err.touch()
        code = zygote().run(words, out, err, TIME_LIMIT, killed_after)
        return Run(code, out.read_text("utf-8"), err.read_text("utf-8"))
