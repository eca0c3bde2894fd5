"""Real servers, each private to the test that asked for it.

`server` is a fresh one of each product, which a test may break. `shared_server` is one for a
whole module, for tests that change nothing; `lent_server` is one too, which is put back before
each test, and `shared_servers` gives it by the product's name.
`start_server` starts one with options of its own.
`mariadb` and `mysql` are the same for tests that concern one product only. Tests of what
differs between versions ask for the products in harness.templates.EVERY_PRODUCT by name.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers import capture_lab
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
def _running(_templates: Templates) -> Iterator[Callable[[str], Borrowed]]:
    """The module's server of each product, from when it is first asked for."""
    running: dict[str, Borrowed] = {}
    with ExitStack() as stack:

        def running_one(product: str) -> Borrowed:
            if product not in running:
                running[product] = Borrowed(start_with(stack, _templates, product, {}))
            return running[product]

        yield running_one


@pytest.fixture
def shared_servers(_running: Callable[[str], Borrowed]) -> SharedServers:
    """`shared_servers("mysql")`: one for a whole module, as it was when it had just started.

    What an earlier test left is put back before, so that one that fails takes no other along.
    """
    given: set[str] = set()

    def shared(product: str) -> ServerUnderTest:
        borrowed = _running(product)
        if product not in given:
            given.add(product)
            borrowed.put_back()
        return borrowed.server

    return shared


@pytest.fixture(autouse=True)
def _no_capture_outlives_its_test() -> Iterator[None]:
    yield
    capture_lab.end_all()


@pytest.fixture
def lent_server(product: str, shared_servers: SharedServers) -> ServerUnderTest:
    return shared_servers(product)


@pytest.fixture
def lent_mariadb(shared_servers: SharedServers) -> ServerUnderTest:
    return shared_servers("mariadb")


@pytest.fixture
def lent_mysql(shared_servers: SharedServers) -> ServerUnderTest:
    return shared_servers("mysql")
