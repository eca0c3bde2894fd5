"""The probes in the order in which they run."""

from wizard.probes.base import Probe
from wizard.probes.idle import PROBE as IDLE
from wizard.probes.latency import PROBE as LATENCY
from wizard.probes.packet import PROBE as PACKET
from wizard.probes.path import PROBE as PATH
from wizard.probes.statement import PROBE as STATEMENT
from wizard.probes.workload import PROBE as WORKLOAD

PROBES: tuple[Probe, ...] = (LATENCY, PATH, PACKET, IDLE, STATEMENT, WORKLOAD)
"""In the order in which they run: the quick ones first."""
