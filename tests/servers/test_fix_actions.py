"""What is done at once: chosen sessions are ended, hosts unblocked; journalled, not undoable."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine, command, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.watched import recorder
from wizard.recorder.event import EventKind
from wizard.remedies.journal_entry import ChangeState

pytestmark = pytest.mark.servers


def number_of(client: "pymysql.Connection[Any]") -> str:
    with client.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID() AS id")
        row = cursor.fetchone()
    return str(row["id"] if isinstance(row, dict) else row[0])


def test_only_the_chosen_session_is_ended(lent_mariadb: ServerUnderTest, tmp_path: Path) -> None:
    kept, ended = lent_mariadb.client(), lent_mariadb.client()
    numbers = [number_of(client) for client in (kept, ended)]
    listed = command(lent_mariadb, tmp_path, "fix", "free-slots")
    assert listed.code == 0, listed.out + listed.err
    for number in numbers:
        assert f"  {number}  app@127.0.0.1:" in listed.out
    assert "nothing was ended" in listed.err
    number = numbers[1]
    shown = command(lent_mariadb, tmp_path, "fix", "free-slots", "--end", number)
    assert f"KILL CONNECTION {number};" in shown.out
    assert "cannot be taken back" in shown.out
    ended.ping(reconnect=False)
    assert Engine(lent_mariadb).journal.entries() == ()

    done = command(lent_mariadb, tmp_path, "fix", "free-slots", "--end", number, "--yes")
    assert done.code == 0, done.out + done.err
    kept.ping(reconnect=False)
    with pytest.raises(pymysql.err.Error):
        ended.ping(reconnect=False)
    (entry,) = Engine(lent_mariadb).journal.entries()
    assert entry.state is ChangeState.DONE
    assert "cannot be undone" in program("undo", "--list").out
    refused = command(lent_mariadb, tmp_path, "undo", entry.id, "--yes")
    assert refused.code == 1
    assert f"cannot be undone: KILL CONNECTION {number}" in refused.err
    gone = command(lent_mariadb, tmp_path, "fix", "free-slots", "--end", number, "--yes")
    assert gone.code == 2
    assert "no client's session" in gone.err


def test_what_we_were_told_to_end_is_nobodys_kill(server: ServerUnderTest, tmp_path: Path) -> None:
    """A check behind it counts no killed session, and a recorder beside it says whose act it is."""
    ended = [server.client() for _ in range(3)]
    ends = [word for client in ended for word in ("--end", number_of(client))]
    with recorder(server, 0.2) as seen:
        done = command(server, tmp_path, "fix", "free-slots", *ends, "--yes")
        assert done.code == 0, done.out + done.err
        told = seen.end_of(int(ends[1]))
        assert (told.kind, told.cause) == (EventKind.OWN_ACT, None)
        assert "was ended by goneaway-wizard, as its operator told it" in told.text
    assert [e.text for e in seen.events if e.kind is EventKind.SESSION_ENDED] == []
    for client in ended:
        with pytest.raises(pymysql.err.Error):
            client.query("SELECT 1")
    assert not is_suspected(server, tmp_path)


def is_suspected(server: ServerUnderTest, directory: Path) -> bool:
    """Whether anything that a check saw speaks for a kill."""
    looked = command(server, directory, "check", "--format", "json", "--since", "10m")
    diagnosis = json.loads(looked.out)["diagnosis"]
    found = next(f for f in diagnosis if f["cause"] == "connection-killed")
    return bool(found["for"])


def test_a_blocked_host_is_let_in_again(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    """Unasked only where something tells of it, as the application's log does."""
    log = tmp_path / "app.log"
    log.write_text(
        f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} ERROR 1129 (HY000): Host '10.0.0.7' is blocked"
        " because of many connection errors; unblock with 'mysqladmin flush-hosts'\n"
    )
    words = ("fix", "unblock-host", "--app-log", str(log), "--yes")
    done = command(lent_server, tmp_path, *words)
    assert done.code == 0, done.out + done.err
    assert "none: this cannot be taken back" in done.out
    (entry,) = Engine(lent_server).journal.entries()
    assert entry.state is ChangeState.DONE
    denied = command(lent_server, tmp_path, *words, user="app")
    assert denied.code == 1, denied.out
    assert "was refused" in denied.out


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "no host is ever blocked here: skip_name_resolve is ON"),
        ({"skip_name_resolve": "OFF", "performance_schema": "OFF"}, "performance_schema is OFF"),
        ({"skip_name_resolve": "OFF", "performance_schema": "ON"}, "no host is blocked now"),
    ],
    ids=["never", "not told", "none"],
)
def test_no_host_is_unblocked_unasked_where_nothing_tells_of_one(
    start_server: StartServer, product: str, settings: dict[str, str], told: str, tmp_path: Path
) -> None:
    server = start_server(product, **settings)
    done = command(server, tmp_path, "fix", "unblock-host", "--yes")
    assert done.code == 1, done.out + done.err
    assert told in done.out
    assert "nothing was done: nothing that was seen asks for it" in done.err
    assert Engine(server).journal.entries() == ()
