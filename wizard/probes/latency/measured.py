"""All that the latency probe measured on one way, before it is judged."""

from dataclasses import dataclass, field

from wizard.probes.latency.logins import Logins
from wizard.probes.latency.loss import Loss
from wizard.probes.latency.name_lookups import Lookup
from wizard.probes.latency.round_trips import RoundTrips
from wizard.probes.latency.tcp_info import TcpInfo
from wizard.probes.shared.icmp import Echoes
from wizard.probes.shared.way import Way


@dataclass(frozen=True, slots=True)
class LatencyMeasured:
    """`first_greeting` is how long the very first login on this way waited for it, in seconds.
    `backward` is the look-up of `client` (an address) on the server's machine. `skips_names` is
    skip_name_resolve, None where the server did not tell. `stays_inside` says that both ends of
    the connection have the same address."""

    way: Way
    lookups: tuple[Lookup, ...] = ()
    logins: Logins = field(default_factory=Logins)
    trips: RoundTrips | None = None
    echoes: Echoes | None = None
    first_greeting: float | None = None
    skips_names: bool | None = None
    client: str = ""
    backward: Lookup | None = None
    stays_inside: bool = False

    @property
    def has_network(self) -> bool:
        """Whether packets of this way may meet anything but one machine's own kernel."""
        return not (self.way.target.is_loopback or self.stays_inside)

    @property
    def loss(self) -> Loss | None:
        """None where there is no network, or its kernel could not be asked."""
        return self.trips.loss if self.trips is not None and self.has_network else None

    @property
    def tcp(self) -> TcpInfo | None:
        return self.trips.last if self.trips is not None else None
