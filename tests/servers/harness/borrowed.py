"""A server that many tests share, put back as it was after each of them."""

from collections.abc import Mapping

from knowledge.load import load
from tests.servers.harness.server import ServerUnderTest


class Borrowed:
    """Remembers the variables that the knowledge base says can be set while it runs."""

    def __init__(self, server: ServerUnderTest) -> None:
        self.server = server
        self._before = _values(server)

    def put_back(self) -> None:
        """End the clients' sessions too: the next test counts its own."""
        now = _values(self.server)
        for name, value in self._before.items():
            if now.get(name) != value:
                self.server.set_global(name, int(value) if value.isdigit() else value)
        clients = self.server.sql(
            "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER = 'app'"
        )
        for row in clients:
            self.server.sql(f"KILL {row['id']}")


def _values(server: ServerUnderTest) -> Mapping[str, str]:
    settable = {variable.name for variable in load().variables.values() if variable.dynamic}
    rows = server.sql("SHOW GLOBAL VARIABLES")
    return {
        str(row["Variable_name"]): str(row["Value"])
        for row in rows
        if row["Variable_name"] in settable
    }
