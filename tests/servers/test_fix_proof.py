"""The fault staged, mended, staged again and gone, undone, and there again."""

import time
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers.conftest import StartServer
from tests.servers.fix_engine import Engine, command
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import EVERY_PRODUCT

pytestmark = pytest.mark.servers

MiB = 1 << 20


def is_too_large(server: ServerUnderTest, length: int) -> bool:
    """Whether a statement of so many bytes costs a new session its connection."""
    with server.client() as client:
        try:
            client.query("SELECT LENGTH('" + "a" * length + "')")
        except pymysql.err.Error:
            return True
    return False


def is_closed(client: "pymysql.Connection[Any]") -> bool:
    """Whether the server has ended the session, found out by using it."""
    try:
        client.query("SELECT 1")
    except pymysql.err.Error:
        return True
    return False


@pytest.mark.parametrize("product", EVERY_PRODUCT)
def test_a_packet_limit_on_every_product(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server(product, max_allowed_packet=MiB)
    assert is_too_large(server, 2 * MiB)
    fix = ("raise-max-allowed-packet", "--set", "max_allowed_packet=8M", "--yes")
    done = command(server, tmp_path, "fix", *fix)
    assert done.code == 0, done.out + done.err
    assert "\nProven\n" in done.out
    assert "fails: " in done.out
    assert "passes" in done.out
    assert not is_too_large(server, 2 * MiB)
    (entry,) = Engine(server).journal.entries()
    assert entry.text.startswith("proven; ")
    assert command(server, tmp_path, "undo", "--yes").code == 0
    assert is_too_large(server, 2 * MiB)


def test_an_idle_limit_is_proven_side_by_side(
    product: str, start_server: StartServer, tmp_path: Path
) -> None:
    """And the fault is there before it, gone with it, and there again once it is undone."""
    server = start_server(product, wait_timeout=2)
    before = server.client()
    done = command(
        server, tmp_path, "fix", "raise-wait-timeout", "--set", "wait_timeout=300", "--yes"
    )
    assert done.code == 0, done.out + done.err
    assert "\nProven\n" in done.out
    row = next(line for line in done.out.splitlines() if "a session that idles 4 s" in line)
    assert row.index("is closed") < row.index("answers")
    assert is_closed(before)
    mended = server.client()
    assert command(server, tmp_path, "undo", "--yes").code == 0
    assert Engine(server).value("wait_timeout") == "2"
    again = server.client()
    for _ in range(10):
        # Asking begins the pause anew, so each try rests longer than the limit.
        time.sleep(4)
        if is_closed(again):
            break
    else:
        raise AssertionError("the fault does not come back")
    assert not is_closed(mended)


def test_a_failure_that_comes_again_is_told(mysql: ServerUnderTest, tmp_path: Path) -> None:
    mysql.set_global("max_allowed_packet", MiB)
    fix = ("raise-max-allowed-packet", "--set", "max_allowed_packet=4M", "--yes")
    assert command(mysql, tmp_path, "fix", *fix).code == 0
    (entry,) = Engine(mysql).journal.entries()
    quiet = command(mysql, tmp_path, "fix", "--follow", entry.id)
    assert quiet.code == 0, quiet.out + quiet.err
    assert "has not come again" in quiet.out
    assert is_too_large(mysql, 5 * MiB)
    many = ("--follow", entry.id, "--every", "1s", "--for", "60s")
    again = command(mysql, tmp_path, "fix", *many)
    assert again.code == 1, again.out + again.err
    assert "CAME AGAIN: packet-too-large" in again.out
    (entry,) = Engine(mysql).journal.entries()
    assert "came again by" in entry.text


def test_what_is_not_repeated_is_not_called_proven(
    lent_mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    done = command(
        lent_mariadb, tmp_path, "fix", "raise-wait-timeout", "--set", "wait_timeout=9h", "--yes"
    )
    assert done.code == 0, done.out + done.err
    assert "\nChanged, not proven\n" in done.out
    assert "\nProven" not in done.out
    assert "what would prove it: an idle ladder of 8 h" in done.out
    assert "fix --follow" in done.err


def test_who_still_holds_the_old_value(lent_server: ServerUnderTest, tmp_path: Path) -> None:
    old = [lent_server.client() for _ in range(3)]
    words = ("raise-wait-timeout", "--set", "wait_timeout=9h", "--yes")
    done = command(lent_server, tmp_path, "fix", *words)
    assert done.code == 0, done.out + done.err
    assert "still has 3 of 3" in done.out
    assert "the pool of app@127.0.0.1" in done.out
    (entry,) = Engine(lent_server).journal.entries()
    numbers = [int(client.thread_id()) for client in old]  # type: ignore[no-untyped-call]
    old[0].close()
    lent_server.wait_until_ended(numbers[0])
    with lent_server.client():
        followed = command(lent_server, tmp_path, "fix", "--follow", entry.id)
        assert followed.code == 0, followed.out + followed.err
        assert "still has 2 of 3" in followed.out
    assert "has not come again" in followed.out
    (entry,) = Engine(lent_server).journal.entries()
    assert "not come again since" in entry.text
    assert entry.text.startswith("changed, not proven; ")
    for client in old[1:]:
        client.close()
    lent_server.wait_until_ended(*numbers)
    again = command(lent_server, tmp_path, "fix", "--follow", entry.id)
    assert "no open session holds the old value" in again.out


def test_nothing_is_applied_that_nothing_asks_for(
    lent_mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    done = command(lent_mariadb, tmp_path, "fix", "raise-max-allowed-packet", "--yes")
    assert done.code == 1, done.out + done.err
    assert "nothing that was seen asks for this value" in done.err
    assert Engine(lent_mariadb).journal.entries() == ()
