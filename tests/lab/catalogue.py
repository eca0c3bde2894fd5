"""Everything that can be staged, in the order in which it is."""

from tests.lab import (
    circumstances,
    client_side,
    decoys,
    machine,
    mixed,
    no_way_in,
    scenario,
    server_away,
    server_closed,
)

SCENARIOS = dict(sorted(scenario.SCENARIOS.items(), key=lambda entry: entry[1].is_decoy))
"""Faults first, then decoys."""

__all__ = [
    "SCENARIOS",
    "circumstances",
    "client_side",
    "decoys",
    "machine",
    "mixed",
    "no_way_in",
    "server_away",
    "server_closed",
]
