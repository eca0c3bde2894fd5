"""Causes that repeat: a loop of OOM kills, and damaged pages that end the server each time."""

import time

from tests.lab.bench import Bench
from tests.lab.clients import LOST, application
from tests.lab.scenario import fault
from tests.servers.harness import faults
from tests.servers.harness.memory_group import limited_memory, oom_kills
from wizard.demo.application import Application
from wizard.demo.binaries import NoServerInstalled

_PAGE = 16384


@fault("server-oom-killed", beside=("crash-loop", "server-killed"))
def oom_killed_thrice(place: Bench) -> None:
    """The kernel's OOM killer takes the server three times: the cause of the loop, not the loop."""
    with application(place, 3) as shop:
        for _ in range(3):
            place.server.sql("DROP TABLE IF EXISTS shop.hog")
            shop.orders()
            with place.due("server-oom-killed", "crash-loop"):
                with limited_memory(place.server.pid, 64 << 20) as group:
                    faults.grow(place.server)
                    place.server.wait_until_gone(60.0)
                    assert oom_kills(group) >= 1, "the kernel did not kill it"
                shop.orders()
                place.server.start()
                shop.orders()


@fault("table-corruption", beside=("server-crash", "crash-loop", "server-unreachable"))
def damaged_pages(place: Bench) -> None:
    """Pages of one table are damaged on disk; whoever reads it fails, or ends the server."""
    server = place.server
    application(place).close()
    with server.client("admin", database="shop", autocommit=True) as admin, admin.cursor() as c:
        for _ in range(40):
            c.execute("INSERT INTO documents (body) VALUES (%s)", ("x" * 20_000,))
    server.sql("SET GLOBAL innodb_fast_shutdown = 0")
    server.stop()
    _damage(place)
    server.start()
    place.age()
    with application(place, 2) as shop:
        for _ in range(3):
            shop.orders()
            _read_all(place, shop)
            _start_again(place)
    place.with_error_log()


def _damage(place: Bench) -> None:
    """Everything behind the first pages, which the server needs to open the table at all."""
    file = place.server.data / "shop" / "documents.ibd"
    content = bytearray(file.read_bytes())
    for start in range(4 * _PAGE, len(content) - _PAGE, _PAGE):
        content[start + 100 : start + 4000] = b"\x5a" * 3900
    file.write_bytes(content)


def _read_all(place: Bench, shop: Application) -> None:
    try:
        with place.server.client(database="shop") as job, job.cursor() as cursor:
            cursor.execute("SELECT SUM(CRC32(body)) FROM documents")
            cursor.fetchall()
    except LOST as error:
        shop.log.error("shop.documents", "reading documents failed", error)


def _start_again(place: Bench) -> None:
    time.sleep(1.0)
    try:
        _ = place.server.pid
    except NoServerInstalled:
        place.server.start()
