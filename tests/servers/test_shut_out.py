"""What shuts out the very account that was given is named as a cause, with what to do."""

from collections.abc import Callable

import pytest

from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS

pytestmark = pytest.mark.servers

WORD = "Sw0rd-of-test"


def account(server: ServerUnderTest, name: str, limits: str = "") -> str:
    server.sql(f"CREATE USER {name}@'%%' IDENTIFIED BY %s {limits}", WORD)
    server.passwords[name] = WORD
    return name


def expired(server: ServerUnderTest) -> str:
    """MariaDB lets it in to set a new one, and refuses all else (1820)."""
    name = account(server, "late")
    server.sql("ALTER USER late@'%' PASSWORD EXPIRE")
    return name


def locked(server: ServerUnderTest) -> str:
    return account(server, "shut", "ACCOUNT LOCK")


def limited(server: ServerUnderTest) -> str:
    """The driver's own statements are in it, ours are not."""
    return account(server, "spent", "WITH MAX_QUERIES_PER_HOUR 3")


def init_connect(server: ServerUnderTest) -> str:
    server.sql("SET GLOBAL init_connect = 'SELECT no_such_thing'")
    return account(server, "greeted")


def offline(server: ServerUnderTest) -> str:
    server.sql("SET GLOBAL offline_mode = ON")
    return account(server, "outside")


ON_BOTH = (
    (expired, "access-denied", "ALTER USER USER()"),
    (locked, "access-denied", "ACCOUNT UNLOCK"),
    (limited, "user-limit", "raise the limit"),
    (init_connect, "init-connect-failure", "@@init_connect"),
)
CASES = [(product, *case) for product in PRODUCTS for case in ON_BOTH]


@pytest.mark.parametrize(
    ("product", "staged", "cause", "advises"),
    [*CASES, ("mysql", offline, "offline-mode", "offline_mode = OFF")],
)
def test_what_shuts_this_account_out_is_named(
    server: ServerUnderTest, staged: Callable[[ServerUnderTest], str], cause: str, advises: str
) -> None:
    run = check(server, user=staged(server))
    assert (run.exit_code, run.accused) == (1, [cause]), run.told()
    assert run.answer["target"]["reachable"], run.told()
    assert advises in run.step("connection")["reason"], run.told()
