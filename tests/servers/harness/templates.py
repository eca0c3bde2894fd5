"""Each product's data directory, made once and copied for every server."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.servers.harness import server_trees
from tests.servers.harness.debian_mirror import NoSuite, NoTree
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from wizard.demo.binaries import NoServerInstalled, ServerBinary
from wizard.demo.private_server import PrivateServer

Templates = Callable[[str], tuple[ServerBinary, Path]]
"""A product's name to its program and an initialised data directory."""

PRODUCTS = ("mariadb", "mysql")
EVERY_PRODUCT = tuple(server_trees.PRODUCTS)
_ENVIRONMENT = dict(os.environ)


@contextmanager
def data_templates() -> Iterator[Templates]:
    """A product that this machine lacks skips the test that asks for it."""
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


def _binary(product: str) -> ServerBinary:
    try:
        return server_trees.find(server_trees.PRODUCTS[product], _ENVIRONMENT)
    except NoSuite as reason:
        pytest.skip(str(reason))
    except (NoServerInstalled, NoTree) as reason:
        unavailable(str(reason))
