"""The shapes of the knowledge base. Data only; `load.py` fills them from the TOML files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Signal:
    """A named observation. `step` is where it is looked for; `how` is what the operator can
    do to have it looked for, said where nobody could."""

    id: str
    step: str
    text: str
    how: str


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one signal says about one cause.

    `weight` is in 0..1. For a signal in `for`, it is the probability that the cause is at work
    given this signal alone; in `against`, the share of the belief that it takes away (1 rules
    the cause out). `conclusive` signals may confirm. `absent` turns the sense: the signal was
    looked for and is not there. `match` says how its occurrences explain failures:
    `text` (the failure's own words), `session` (one ended session, one failure), `rest` (the
    same for a session that had idled: its rest must reach the timeout), `outage`
    (failures while the server was gone), `gap` (an idle time at or above a timeout), `cut` (the
    same where an experiment met it: a failure without a time may be of it too), `size` (a
    statement above a limit), `state` (the server is like that now), `during` (a trouble that
    hurts whoever comes while it lasts), `standing` (damage that does not go away by itself, and
    explains no single failure) or `` (explains none).
    `within` is how many seconds after the occurrence a client may still notice it. Fewer than
    `at_least` observations weigh half and decide nothing (one mistyped password is no cause).
    """

    signal: str
    weight: float
    conclusive: bool = False
    absent: bool = False
    match: str = ""
    within: float = 60.0
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Reference:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class ClientText:
    """What one client library shows for a cause."""

    client: str
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a connection went away.

    `fits` names the client signals that this cause can bring about: a failure that says
    something else is never put down to it. `noise` marks what never is a cause, only an
    explanation for counters and log lines. `confirm` says what proves the cause and `rules_out`
    what clears it, in words: more than the signals can tell, and for causes that have none.
    """

    id: str
    group: str
    title: str
    summary: str
    wire: str
    clients: tuple[ClientText, ...]
    supports: tuple[Weighed, ...]
    against: tuple[Weighed, ...]
    remedies: tuple[str, ...]
    references: tuple[Reference, ...]
    fits: tuple[str, ...] = ()
    in_article: bool = False
    noise: bool = False
    confirm: tuple[str, ...] = ()
    rules_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """The shape of a log line or client message. `pattern` is a Python regular expression;
    `literal` is a substring that every match contains, for a fast first look. `role` is `near`
    (counts only beside other words of a MySQL client), `echo` (a driver prints it beside the
    error that it then raises) or ``. `errno` is what its words mean where no number is told.
    `matches` and `rejects` are example lines, and its tests."""

    id: str
    signal: str
    kind: str
    literal: str
    pattern: str
    title: str
    driver: str = ""
    number: int | None = None
    errno: int | None = None
    phase: str = ""
    role: str = ""
    matches: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A server variable. `defaults` maps a series (`mysql-9.7`, `mariadb-10.11`) to the value
    as the server prints it; `applies` is `new` (sessions copy it at login), `now` or
    `restart`. `persistable`: MySQL keeps it by SET PERSIST, or by SET PERSIST_ONLY where it is
    not `dynamic`. `machine`: the default depends on the machine. `outside` is what becomes of
    a value out of range: `clamped` (moved to the nearest, with a warning), `refused`,
    `whole-chunks` or `resizes` (the server begins to resize files at once). `differs` maps a
    flavour or a series to the fields that are otherwise there: see `on`."""

    name: str
    unit: str
    summary: str
    defaults: Mapping[str, str]
    minimum: int | None
    maximum: int | None
    dynamic: bool
    session: bool
    persistable: bool
    applies: str
    cost: str = ""
    block: int = 1
    note: str = ""
    machine: bool = False
    outside: str = "clamped"
    differs: Mapping[str, Mapping[str, int | str | bool]] = field(default_factory=dict)

    def on(self, series: str) -> "Variable":
        """The variable as servers of `series` (`mariadb-10.5`) have it."""
        flavor = series.partition("-")[0]
        otherwise: dict[str, Any] = {**self.differs.get(flavor, {}), **self.differs.get(series, {})}
        return replace(self, **otherwise)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to change. `kind` is `variable` or `action` (the wizard can do it), `service` or
    `advice` (the operator does); `variable` is what a `variable` remedy sets. `vain` says when it
    will not help; `after` names the remedies that come before it."""

    id: str
    title: str
    kind: str
    text: str
    variable: str = ""
    risk: str = ""
    verify: str = ""
    references: tuple[Reference, ...] = ()
    vain: str = ""
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Myth:
    """Advice that is often given and does not help, or not as it is told. `variables` are those
    that people change because of it; `causes` are those at which it tempts."""

    id: str
    claim: str
    fact: str
    references: tuple[Reference, ...]
    variables: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error number means to one speaker.

    `speaker` is `server` (both servers), `mysql`, `mariadb`, `galera` or `client` (the number is
    made by the client library). `text` is the message with `...` where a value stands;
    `mariadb_text` is MariaDB's where it differs. `causes` are the usual ones, likeliest first.
    """

    speaker: str
    symbol: str
    text: str
    means: str
    look: str
    causes: tuple[str, ...] = ()
    mariadb_text: str = ""


@dataclass(frozen=True, slots=True)
class ErrorNumber:
    """A number that clients show. It may mean different things to different servers."""

    number: int
    meanings: tuple[Meaning, ...]


@dataclass(frozen=True, slots=True)
class KnownFault:
    """A fault of some releases of a series that loses connections, or an outage; `first` and
    `last` have it, `fixed_in` no more. `url` is the maker's own word."""

    id: str
    series: str
    first: str
    last: str
    fixed_in: str
    text: str
    url: str

    def hits(self, series: str, numbers: tuple[int, int, int]) -> bool:
        """Whether the release with these numbers has it."""
        return series == self.series and _numbers(self.first) <= numbers <= _numbers(self.last)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


@dataclass(frozen=True, slots=True)
class CaptureFinding:
    """What becomes of a captured log in one event.

    The event happens to the session that switches the log back; `holds` says whether that session
    still does.
    """

    id: str
    happens: str
    then: str
    holds: bool


@dataclass(frozen=True, slots=True)
class NeededPrivilege:
    """What a part of the wizard needs of an account. `grant` is what stands between GRANT and TO,
    `purpose` what it is for, `lost` what there is not without it. `extra` marks what only
    captures and fixes need."""

    id: str
    servers: tuple[str, ...]
    grant: str
    purpose: str
    lost: str
    extra: bool


@dataclass(frozen=True, slots=True)
class ArticlePoint:
    """One statement of the article that the product started from, and what became of it.

    `verdict` is `right`, `partly`, `outdated` or `wrong`; everything but `right` has a
    `correction`. The rest are ids of what covers the point here.
    """

    id: str
    section: str
    says: str
    verdict: str
    correction: str = ""
    causes: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    myths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything, by id."""

    causes: Mapping[str, Cause]
    signals: Mapping[str, Signal]
    signatures: tuple[Signature, ...]
    variables: Mapping[str, Variable]
    remedies: Mapping[str, Remedy]
