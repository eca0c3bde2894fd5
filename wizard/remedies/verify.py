"""Proves a change: reads it back, looks at a new session, and repeats what used to fail.

Only a case that was seen to fail with the old value and to pass with the new one is proven.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from wizard.case.case import BeforeAfter, Outcome
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import ChangeState, JournalEntry
from wizard.remedies.plan import VariableChange
from wizard.remedies.running_values import living_session, running_value
from wizard.remedies.trials import NoTrial, Seen, own_case, trial_of
from wizard.server.session import Connector, ServerError, ServerSession
from wizard.server.values import same

Progress = Callable[[str], None]

_AT_LOGIN = frozenset(
    {"wait_timeout", "max_allowed_packet", "net_read_timeout", "net_write_timeout"}
)


@dataclass(frozen=True, slots=True)
class Verification:
    """`ok` means that nothing spoke against the change; `repeated` that the case which used to
    fail was run again and passed. `rows` set before and after side by side; `would_prove` says
    what is still needed, or ""."""

    lines: tuple[str, ...]
    ok: bool
    repeated: bool = False
    outcome: Outcome = Outcome.CHANGED
    rows: tuple[BeforeAfter, ...] = ()
    would_prove: str = ""


@dataclass(frozen=True, slots=True)
class _Repeated:
    """What running one variable's case again came to; `proves` is None where it was not run."""

    line: str
    proves: bool | None = None
    row: BeforeAfter | None = None
    would_prove: str = ""


class _Failed(Exception):
    """The change is not in force; the message is one line."""


def verify(
    entry: JournalEntry,
    session: ServerSession,
    connector: Connector,
    journal: Journal,
    progress: Progress = lambda _text: None,
    witness: ServerSession | None = None,
) -> Verification:
    """Prove `entry`. `witness` is a session from before the change, which shows what was; it is
    used up. `progress` is called about once a second and may raise to stop it."""
    lines: list[str] = []
    rows = [BeforeAfter(f"@@global.{c.name}", c.old_text, c.new_text) for c in entry.changes]
    tried: list[_Repeated] = []
    try:
        for change in entry.changes:
            with living_session(session, connector) as living:
                lines.append(_read_back(change, living))
            lines.append(_new_session(change, connector))
            done = _repeat(change, connector, progress, witness)
            tried.append(done)
            lines.append(done.line)
            if done.row is not None:
                rows.append(done.row)
    except _Failed as failed:
        lines.append(str(failed))
        return _settled(entry, journal, Outcome.NO_DIFFERENCE, lines, rows)
    except ServerError as error:
        lines.append(f"could not be verified: {error}")
        return _settled(entry, journal, Outcome.UNKNOWN, lines, rows)
    if entry.set_persist or entry.file:
        lines.append("that it survives a restart was not tried: a restart cuts every session")
    return _settled(entry, journal, _outcome(tried), lines, rows, tried)


def _outcome(tried: list[_Repeated]) -> Outcome:
    """One word for all that was changed: what was not repeated is not called proven."""
    if any(done.proves is False for done in tried):
        return Outcome.NO_DIFFERENCE
    if tried and all(done.proves for done in tried):
        return Outcome.PROVEN
    return Outcome.CHANGED


def _settled(
    entry: JournalEntry,
    journal: Journal,
    outcome: Outcome,
    lines: list[str],
    rows: list[BeforeAfter],
    tried: list[_Repeated] | None = None,
) -> Verification:
    """Noted in the journal with its first word, which is also the report's."""
    tried = tried or []
    ok = outcome in (Outcome.PROVEN, Outcome.CHANGED)
    needed = "; ".join(dict.fromkeys(d.would_prove for d in tried if d.would_prove))
    would_prove = needed if outcome is Outcome.CHANGED else ""
    told = [str(outcome)]
    if would_prove:
        told.append(f"what would prove it: {would_prove}")
    state = ChangeState.VERIFIED if ok else entry.state
    journal.note(entry, state, lines, "; ".join([*told, *lines]), tuple(rows))
    repeated = any(d.proves is not None or d.row is not None for d in tried)
    return Verification(tuple(lines), ok, ok and repeated, outcome, tuple(rows), would_prove)


def _read_back(change: VariableChange, session: ServerSession) -> str:
    now = running_value(session, change.name, change.unit)
    if not same(now, change.new):
        raise _Failed(f"@@global.{change.name} is {now}, not {change.new}")
    return f"@@global.{change.name} is {now}"


def _new_session(change: VariableChange, connector: Connector) -> str:
    if change.name not in _AT_LOGIN and change.name != "interactive_timeout":
        fresh = connector.connect()
        fresh.close()
        return "a new session opens"
    fresh = connector.connect()
    try:
        own = str(fresh.value(f"SELECT @@session.{change.name}"))
    finally:
        fresh.close()
    if not same(own, change.new):
        raise _Failed(
            f"a new session has {change.name} = {own}, not {change.new}: something sets it at"
            " login (init_connect, the client)"
        )
    return f"a new session has {change.name} = {own}"


def _repeat(
    change: VariableChange,
    connector: Connector,
    progress: Progress,
    witness: ServerSession | None,
) -> _Repeated:
    trial = trial_of(change)
    if isinstance(trial, NoTrial):
        return _Repeated(f"not repeated: {trial.reason}", would_prove=trial.would_prove)
    with ExitStack() as stack:
        fresh = connector.connect()
        stack.callback(fresh.close)
        sessions = (fresh,) if witness is None else (witness, fresh)
        seen = trial.run(sessions, progress)
    after = seen[-1]
    if witness is None:
        return _without_witness(trial.what, after)
    judged = _judged(trial.what, seen[0], after)
    if judged.proves and not change.measured:
        # The limit moved; whether far enough for the application's own case nobody can say.
        return replace(judged, proves=None, would_prove=own_case(change.name))
    return judged


def _without_witness(what: str, after: Seen) -> _Repeated:
    line = f"{what}, beyond the old limit: in a new session it {after.text}"
    row = BeforeAfter(what, "not seen", after.text)
    if not after.passed:
        return _Repeated(line, False, row)
    return _Repeated(line, None, row, "that the same failed before was not seen")


def _judged(what: str, before: Seen, after: Seen) -> _Repeated:
    row = BeforeAfter(what, before.text, after.text)
    line = f"{what}: a session from before the change {before.text}; a new one {after.text}"
    if not after.passed:
        return _Repeated(line, False, row)
    if before.passed:
        needed = "the case that failed: what was tried here did not fail with the old value either"
        return _Repeated(line, None, row, needed)
    return _Repeated(line, True, row)
