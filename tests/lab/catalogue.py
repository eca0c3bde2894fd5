"""Everything that can be staged, in the order in which it is."""

from tests.lab import client_side, decoys, machine, mixed, no_way_in, server_away, server_closed
from tests.lab.scenario import SCENARIOS

__all__ = [
    "SCENARIOS",
    "client_side",
    "decoys",
    "machine",
    "mixed",
    "no_way_in",
    "server_away",
    "server_closed",
]
