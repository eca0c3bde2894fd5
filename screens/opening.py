"""What the screens are opened on. Plain data and late callables: nothing here imports a driver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, cast

from screens.places import ERROR_LOG, GENERAL_LOG, SLOW_LOG, SYMPTOM
from screens.state import State
from wizard.target.model import Secret, Sources, Target

if TYPE_CHECKING:
    from wizard.case.case import Case
    from wizard.diagnosis.model import Diagnosis
    from wizard.hosts.ssh.prompt import Prompt
    from wizard.investigation.run import Event
    from wizard.steps.limits import ProbeLimits
    from wizard.steps.step import Context, Step


class Engine(Protocol):
    """The part of `wizard.investigation.run.Investigation` that the screens use."""

    @property
    def case(self) -> Case: ...

    @property
    def context(self) -> Context: ...

    def use_sources(self, sources: Sources) -> None: ...

    def use_limits(self, limits: ProbeLimits) -> None: ...

    def run(self, steps: Sequence[Step]) -> Diagnosis: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...

    def lose(self) -> str: ...

    def hear(self) -> None: ...


Listen = Callable[["Event"], None]
Begin = Callable[[Listen], Engine]
"""Builds the investigation. Called in the worker thread, after the first paint, so it may import
drivers and open SSH; raises HostError, ServerError or UsageError with one line."""


class Links(Protocol):
    """The SSH connections that an investigation looks through."""

    @property
    def lost(self) -> bool:
        """Whether the database host's was made and is gone."""
        ...

    def ask_with(self, prompt: Prompt) -> None:
        """Ask here from now on."""
        ...

    def reconnect(self) -> None:
        """Make the database host's again. Raises HostError."""
        ...

    def ask_anew(self) -> None:
        """Ask the hosts again what they did not answer so far."""
        ...


class NoLinks:
    """The server is reached directly."""

    lost = False

    def ask_with(self, prompt: Prompt) -> None:
        pass

    def reconnect(self) -> None:
        pass

    def ask_anew(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Live:
    """A server to look at. `sources` fill the Symptom form; `offline` says why there is no
    server, where there is none. `with_password` is the same server with another password for
    the account and these sources."""

    target: Target
    sources: Sources
    begin: Begin
    links: Links = field(default_factory=NoLinks)
    offline: str = ""
    with_password: Callable[[Secret, Sources], Live] | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """A case from a file at `path`, without its server."""

    case: Case
    path: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server found on this machine; `note` says how it was found."""

    label: str
    host: str = ""
    port: int | None = None
    socket: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """The Connect form as it was filled in; an empty string and None mean not given."""

    host: str
    port: int | None
    socket: str
    user: str
    password: Secret | None
    option_file: str
    ssh: str = ""
    pasted: str = ""
    app_log: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known yet. Both callables run in a worker thread.

    `find` lists the servers on this machine; `connect` tests the answers, asks what it needs to
    know through the prompt, and raises ServerError, HostError, OSError or UsageError with one
    line if they do not lead to a server. `sources` are what the command line named.
    """

    find: Callable[[], Sequence[Candidate]]
    connect: Callable[[Answers, Prompt], Live]
    sources: Sources = field(default_factory=Sources)


Opening = Live | Saved | Unknown

OFFLINE = "a saved case: the server is not asked again"
NO_SERVER = "no server was named, so only what you gave is read"


def first_state(opening: Opening) -> State:
    """What can be said before anything was asked."""
    match opening:
        case Saved(case, path):
            return State(path, OFFLINE, case)
        case Live(target):
            return State(target.label)
        case Unknown():
            return State(link="not connected")


class NoServerHere:
    """The connector of a saved case."""

    def connect(self, **_how: object) -> object:
        from wizard.server.session import CannotConnect

        raise CannotConnect(OFFLINE)


def reopen(saved: Saved) -> Live:
    """A saved case as something to look at: the same screens, no connection."""

    def begin(listen: Listen) -> Engine:
        from screens.saved_case import ReopenedCase
        from wizard.server.session import Connector

        return ReopenedCase(
            Target(),
            Sources(),
            saved.case,
            cast(Connector, NoServerHere()),
            None,
            OFFLINE,
            listen,
        )

    return Live(Target(), Sources(), begin)


def steps_alone(sources: Sources) -> tuple[str, ...]:
    """What can be read of these without a server; an empty Symptom asks for the error."""
    named = {
        ERROR_LOG: sources.error_log,
        GENERAL_LOG: sources.general_log,
        SLOW_LOG: sources.slow_log,
    }
    return (SYMPTOM, *(step for step, log in named.items() if log is not None))


def without_server(sources: Sources) -> Live:
    """An error or a log alone: it is read here, and no server is asked."""

    def begin(listen: Listen) -> Engine:
        from wizard.case.case import TargetFacts
        from wizard.case.window import parse_window
        from wizard.hosts.local.host import LocalHost
        from wizard.investigation.begin import new_case
        from wizard.investigation.named_log import window_alone
        from wizard.investigation.run import Investigation
        from wizard.server.session import Connector

        window = window_alone(sources) or parse_window(None, None, datetime.now().astimezone())
        case = replace(new_case(Target(), window), target=TargetFacts("no server"))
        return Investigation(
            Target(), sources, case, cast(Connector, NoServerHere()), LocalHost(), "", listen
        )

    return Live(Target(), sources, begin, offline=NO_SERVER)
