"""Real servers, each private to the test that asked for it.

`server` is a fresh one of each product, which a test may break. `shared_server` is one for a
whole module, for tests that change nothing. `start_server` starts one with options of its own.
`mariadb` and `mysql` are the same for tests that concern one product only. Tests of what
differs between versions ask for the products in EVERY_PRODUCT by name.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.servers.harness import server_trees
from tests.servers.harness.debian_mirror import NoSuite, NoTree
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import NoServer, ServerBinary
from wizard.demo.private_server import PrivateServer

StartServer = Callable[..., ServerUnderTest]
Templates = Callable[[str], tuple[ServerBinary, Path]]

PRODUCTS = ("mariadb", "mysql")
EVERY_PRODUCT = tuple(server_trees.PRODUCTS)
_ENVIRONMENT = dict(os.environ)


def _binary(product: str) -> ServerBinary:
    try:
        return server_trees.find(server_trees.PRODUCTS[product], _ENVIRONMENT)
    except NoSuite as reason:
        pytest.skip(str(reason))
    except (NoServer, NoTree) as reason:
        unavailable(str(reason))


@pytest.fixture(scope="session")
def _templates() -> Iterator[Templates]:
    """Each product's data directory, made once a session and copied for every server."""
    made: dict[str, tuple[ServerBinary, Path]] = {}
    with ExitStack() as stack:

        def template(product: str) -> tuple[ServerBinary, Path]:
            if product not in made:
                binary = _binary(product)
                server = PrivateServer(binary)
                stack.callback(server.close)
                server.initialise()
                made[product] = (binary, server.data)
            return made[product]

        yield template


def start_with(
    stack: ExitStack, template: Templates, product: str, settings: dict[str, object]
) -> ServerUnderTest:
    """A running server that `stack` ends; for fixtures with a wider scope than one test's."""
    binary, data = template(product)
    return stack.enter_context(ServerUnderTest(binary, settings, data))


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
