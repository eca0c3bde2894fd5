"""Networks for tests: see the package for how to use one.

`lab` is one network with a server of each product, shared by a module whose tests change
nothing in it. `mariadb_lab` has MariaDB and is shared by all modules: for tests that also do not
mind what others did to its counters. `start_lab` makes one with the server's options, for one
test.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.network.lab import NetworkLab, network_lab
from tests.servers.harness.templates import PRODUCTS, Templates

StartLab = Callable[..., NetworkLab]


@pytest.fixture(scope="module", params=PRODUCTS)
def lab(request: pytest.FixtureRequest, _templates: Templates) -> Iterator[NetworkLab]:
    with network_lab(_templates, str(request.param), {}) as made:
        yield made


@pytest.fixture(scope="package")
def mariadb_lab(_templates: Templates) -> Iterator[NetworkLab]:
    with network_lab(_templates, "mariadb", {}) as made:
        yield made


@pytest.fixture
def start_lab(_templates: Templates) -> Iterator[StartLab]:
    """`start_lab("mysql", wait_timeout=5)`: a network with a server that has these options."""
    with ExitStack() as stack:

        def start(product: str, **settings: object) -> NetworkLab:
            return stack.enter_context(network_lab(_templates, product, settings))

        yield start
