"""Real servers, each private to the test that asked for it.

`server` is a fresh one of each product, which a test may break. `shared_server` is one for a
whole module, for tests that change nothing; `shared_servers` gives one of a product by name for
tests that change it back, and `lent_server` has its variables put back after each test.
`start_server` starts one with options of its own.
`mariadb` and `mysql` are the same for tests that concern one product only. Tests of what
differs between versions ask for the products in harness.templates.EVERY_PRODUCT by name.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers.harness.borrowed import Borrowed
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import PRODUCTS, Templates, start_with

StartServer = Callable[..., ServerUnderTest]
SharedServers = Callable[[str], ServerUnderTest]


@pytest.fixture
def start_server(_templates: Templates) -> Iterator[StartServer]:
    """`start_server("mariadb", log_warnings=1)`: a running server with these options."""
    with ExitStack() as stack:

        def start(product: str, **settings: object) -> ServerUnderTest:
            return start_with(stack, _templates, product, settings)

        yield start


@pytest.fixture(params=PRODUCTS)
def product(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(product: str, start_server: StartServer) -> ServerUnderTest:
    return start_server(product)


@pytest.fixture
def mariadb(start_server: StartServer) -> ServerUnderTest:
    return start_server("mariadb")


@pytest.fixture
def mysql(start_server: StartServer) -> ServerUnderTest:
    return start_server("mysql")


@pytest.fixture(scope="module", params=PRODUCTS)
def shared_server(
    request: pytest.FixtureRequest, _templates: Templates
) -> Iterator[ServerUnderTest]:
    with ExitStack() as stack:
        yield start_with(stack, _templates, str(request.param), {})


@pytest.fixture(scope="module")
def shared_servers(_templates: Templates) -> Iterator[SharedServers]:
    """`shared_servers("mysql")`: one for a whole module, for tests that put back what they set."""
    running: dict[str, ServerUnderTest] = {}
    with ExitStack() as stack:

        def shared(product: str) -> ServerUnderTest:
            if product not in running:
                running[product] = start_with(stack, _templates, product, {})
            return running[product]

        yield shared


@pytest.fixture
def lend(shared_servers: SharedServers) -> Iterator[SharedServers]:
    """`lend("mysql")`: the module's server, put back as it was after the test."""
    lent: dict[str, Borrowed] = {}

    def take(product: str) -> ServerUnderTest:
        if product not in lent:
            lent[product] = Borrowed(shared_servers(product))
        return lent[product].server

    yield take
    for borrowed in lent.values():
        borrowed.put_back()


@pytest.fixture
def lent_server(product: str, lend: SharedServers) -> ServerUnderTest:
    return lend(product)


@pytest.fixture
def lent_mariadb(lend: SharedServers) -> ServerUnderTest:
    return lend("mariadb")


@pytest.fixture
def lent_mysql(lend: SharedServers) -> ServerUnderTest:
    return lend("mysql")
