"""What the Fix pane has done in the thread: a change or an action with its proof, a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screens.fix_jobs import Say, indented
from screens.fix_model import Preview
from screens.opening import Engine

if TYPE_CHECKING:
    from wizard.remedies.actions import Action
    from wizard.remedies.apply import Applied
    from wizard.remedies.host_plan import HostPlan
    from wizard.remedies.journal_entry import JournalEntry
    from wizard.remedies.plan import Plan
    from wizard.remedies.verify import Verification


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. `restart` is the change that the server's next start reads from a file;
    `made` says whether anything was changed at all."""

    lines: tuple[str, ...]
    restart: JournalEntry | None = None
    made: bool = True


@dataclass(frozen=True, slots=True)
class RestartAsked:
    """The unit to restart for `entry`, and the sessions that this cuts."""

    entry: JournalEntry
    unit: str
    cut: tuple[str, ...]


def carry_out(engine: Engine, shown: Preview, width: int, say: Say) -> Done:
    """Do what was shown, then prove it; tables take at most `width` columns.

    Raises ServerError, HostError, JournalError. Cancelling stops the proof, never the change.
    """
    from wizard.remedies.actions import Action
    from wizard.remedies.host_plan import HostPlan

    match shown.deed:
        case Action() as action:
            return _act(engine, action, say)
        case HostPlan() as planned:
            return _on_host(engine, planned, width, say)
        case None:
            from wizard.safety.errors import UsageError

            raise UsageError("nothing that the wizard can do was shown")
        case planned:
            return _set(engine, planned, width, say)


def _set(engine: Engine, planned: Plan, width: int, say: Say) -> Done:
    from wizard.remedies.hand_on import for_others
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import carry_out as change
    from wizard.remedies.session import prove
    from wizard.steps.step import Cancelled

    context, journal = engine.context, Journal.default()
    say("making the change")
    applied = change(context, planned, journal, say)
    if not applied.ok:
        lines = ("NOT APPLIED", *indented(applied.lines), "", *for_others(planned))
        return Done(lines, made=False)
    restart = applied.entry if applied.entry.file is not None else None
    try:
        checked = prove(context, applied, journal, say)
    except Cancelled:
        done = ("", "Done:", *indented(applied.lines))
        return Done(
            ("APPLIED, NOT VERIFIED", "The proof was stopped; u takes the change back.", *done),
            restart,
        )
    return Done((*_proved(applied, checked, width), *_open_sessions(engine, applied)), restart)


def _on_host(engine: Engine, planned: HostPlan, width: int, say: Say) -> Done:
    from wizard.remedies.journal import Journal
    from wizard.remedies.on_host import carry_out_on_host, prove_on_host

    context, journal = engine.context, Journal.default()
    say("making the change on the database host")
    applied = carry_out_on_host(context, planned, journal, say)
    if not applied.ok:
        return Done(("NOT APPLIED", *indented(applied.lines)), made=False)
    checked = prove_on_host(context, applied, journal)
    restart = applied.entry if planned.record.unit else None
    return Done(tuple(_proved(applied, checked, width)), restart)


def _proved(applied: Applied, checked: Verification, width: int) -> Iterator[str]:
    """The word, then before and after side by side, then what was done for it."""
    from wizard.remedies.proof_lines import side_by_side

    yield f"APPLIED: {str(checked.outcome).upper()}"
    yield from side_by_side(checked.rows, width)
    if checked.would_prove:
        yield f"What would prove it: {checked.would_prove}"
    yield "u takes it back, now or later." if checked.ok else "Nothing was gained: u takes it back."
    yield from ("", "Proof:", *indented(checked.lines))
    yield from ("", "Done:", *indented(applied.lines))
    yield ""
    yield f"Whether it comes again: goneaway-wizard fix --follow {applied.entry.id}"


def _open_sessions(engine: Engine, applied: Applied) -> tuple[str, ...]:
    """Who still holds the old value."""
    from wizard.remedies.session import still_old
    from wizard.server.session import ServerError

    with suppress(ServerError):
        if (found := still_old(engine.context, applied.entry)) is not None:
            return ("", "Open sessions:", *indented(found.lines))
    return ()


def _act(engine: Engine, action: Action, say: Say) -> Done:
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import do_at_once

    say("doing it")
    acted = do_at_once(engine.context, action, Journal.default())
    word = "DONE: nothing takes this back" if acted.ok else "NOT DONE"
    return Done((word, *indented(acted.lines)), made=acted.ok)


def ask_restart(engine: Engine, entry: JournalEntry) -> RestartAsked:
    """Whom a restart would cut. Raises PlanError, ServerError, HostError."""
    from wizard.remedies.on_host import restart_needed

    unit, cut = restart_needed(engine.context, entry)
    return RestartAsked(entry, unit, cut)


def restart(engine: Engine, asked: RestartAsked, say: Say) -> Done:
    """Restart the server, wait for it, and tell what its log and its values say."""
    from wizard.remedies.on_host import restart_now

    told = restart_now(engine.context, asked.unit, asked.entry, say)
    word = "RESTARTED" if told.ok else "THE RESTART IS NOT AS IT SHOULD BE"
    return Done((word, *indented(told.lines)), asked.entry)
