"""What a ladder met on a broken path is not what a later look takes for the application's."""

import tempfile
from pathlib import Path

import pytest

from tests.network.conftest import StartLab
from tests.servers.harness.templates import PRODUCTS


@pytest.mark.parametrize("product", PRODUCTS)
def test_sessions_that_a_proxy_cut_under_the_ladder_accuse_nobody_later(
    start_lab: StartLab, product: str
) -> None:
    lab = start_lab(product)
    home = Path(tempfile.mkdtemp(prefix="home-", dir=lab.client.directory))
    with lab.haproxy(server_timeout=3) as proxy:
        words = ("--probe", "idle", "--idle-limit", "5s")
        probed = lab.check("client", *words, host=lab.ROUTER, port=proxy.port, home=home)
    assert probed.first == ("proxy-timeout", "confirmed"), probed.told()
    assert probed.accused == ["proxy-timeout"], probed.told()
    again = lab.check("client", home=home)
    assert again.accused == [], again.told()
