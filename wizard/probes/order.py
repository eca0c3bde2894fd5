"""The probes in the order in which they run."""

from wizard.probes.idle.probe import PROBE as IDLE
from wizard.probes.latency.probe import PROBE as LATENCY
from wizard.probes.packet.probe import PROBE as PACKET
from wizard.probes.path.probe import PROBE as PATH
from wizard.probes.probe import Probe
from wizard.probes.simple.probe import PROBE as SIMPLE
from wizard.probes.statement.probe import PROBE as STATEMENT
from wizard.probes.workload.probe import PROBE as WORKLOAD

PROBES: tuple[Probe, ...] = (LATENCY, PATH, PACKET, IDLE, STATEMENT, WORKLOAD, SIMPLE)
"""In the order in which they run: the quick ones first."""
