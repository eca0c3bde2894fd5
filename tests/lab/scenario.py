"""What is staged: one entry a fault or decoy, registered by the decorators below."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.lab.bench import Bench
from wizard.demo.binaries import Flavor
from wizard.diagnosis.model import Verdict

Stager = Callable[[Bench], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault or decoy.

    `causes` are what really happened, any of which may be named first; a decoy has none.
    `beside` may be accused too, because it is also so. `alone` is what may be named first where
    no application log is given, None where it is the same (a decoy's: what the server's side sees
    and no application felt); () where the server's side cannot
    know, so that nobody must be accused; `alone_mariadb` is the same for MariaDB, whose counters
    are totals since its start. `least` and `least_alone` are the weakest verdicts that
    count as an answer. `settings` go to the server's option file; `aged` puts the server's start
    before the window, as on a server that has been up for long. `own_network` runs it in a network
    name space of its own.
    """

    name: str
    title: str
    stage: Stager
    causes: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    alone: tuple[str, ...] | None = None
    alone_mariadb: tuple[str, ...] | None = None
    least: Verdict = Verdict.LIKELY
    least_alone: Verdict = Verdict.LIKELY
    flavors: tuple[Flavor, ...] = (Flavor.MARIADB, Flavor.MYSQL)
    settings: Mapping[str, object] = field(default_factory=dict)
    aged: bool = True
    user: str = "admin"
    own_network: bool = False

    @property
    def is_decoy(self) -> bool:
        return not self.causes


SCENARIOS: dict[str, Scenario] = {}


def fault(*causes: str, **more: object) -> Callable[[Stager], Stager]:
    """Register a function as the fault of its own name; its docstring says what happens."""

    def register(stage: Stager) -> Stager:
        name = stage.__name__.replace("_", "-")
        title = " ".join((stage.__doc__ or "").split())
        assert name not in SCENARIOS, name
        SCENARIOS[name] = Scenario(name, title, stage, causes, **more)  # type: ignore[arg-type]
        return stage

    return register


def decoy(**more: object) -> Callable[[Stager], Stager]:
    """Register a function as a decoy: nothing that hurts an application happens."""
    return fault(**more)
