"""Whose number a greeting tells: the server's own, or a proxy's."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from wizard.probes.packet.climb import Climb, _learn

ROW = {
    "packet": 1 << 20, "general": 0, "slow": 0, "seconds": 10, "host": "db1", "port": 3306,
    "user_name": "app@web",
}  # fmt: skip


@pytest.mark.parametrize(
    ("greeted", "own", "is_proxied"), [(7, 7, False), (7, 4711, True), (7, (1 << 32) + 7, False)]
)
def test_a_number_above_four_bytes_is_no_proxys(greeted: int, own: int, is_proxied: bool) -> None:
    session = SimpleNamespace(connection_id=greeted, rows=lambda _sql: [{**ROW, "id": own}])
    climb = Climb(cast(Any, None), 1 << 20)
    _learn(climb, cast(Any, SimpleNamespace(session=lambda: session)))
    assert climb.is_proxied is is_proxied
