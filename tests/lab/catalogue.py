"""Everything that can be staged, in the order in which it is."""

from tests.lab import (
    accounts,
    between,
    circumstances,
    client_side,
    cluster,
    crews,
    damage,
    decoys,
    fleet,
    machine,
    mixed,
    no_way_in,
    scenario,
    server_away,
    server_closed,
    several_faults,
    slow_names,
    stamps,
)

SCENARIOS = dict(sorted(scenario.SCENARIOS.items(), key=lambda entry: entry[1].is_decoy))
"""Faults first, then decoys."""

__all__ = [
    "SCENARIOS",
    "accounts",
    "between",
    "circumstances",
    "client_side",
    "cluster",
    "crews",
    "damage",
    "decoys",
    "fleet",
    "machine",
    "mixed",
    "no_way_in",
    "server_away",
    "server_closed",
    "several_faults",
    "slow_names",
    "stamps",
]
