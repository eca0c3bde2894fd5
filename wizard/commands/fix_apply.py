"""Shows a plan, asks, makes the change, and tells before and after side by side."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wizard.commands import exit_codes
from wizard.commands.plan_words import how_to_name
from wizard.commands.terminal import columns, confirmed, print_lines, print_prose, remark
from wizard.remedies.hand_on import for_others, for_the_service
from wizard.remedies.proof_lines import WIDE, told
from wizard.server.session import ServerError

if TYPE_CHECKING:
    from wizard.remedies.journal import Journal
    from wizard.remedies.journal_entry import JournalEntry
    from wizard.remedies.plan import Plan
    from wizard.steps.step import Context


def confirm_and_apply(args: argparse.Namespace, planned: Plan, context: Context) -> int:
    """Preview, question, change, proof."""
    from wizard.remedies.preview import lines, unfounded

    print_prose(lines(planned))
    if not args.persist and planned.service is None:
        print_prose(("- --persist keeps the change across a restart.",))
    if planned.service is not None:
        print_lines(("", *for_the_service(planned)))
        return exit_codes.DONE
    if args.dry_run:
        remark("nothing was changed (--dry-run)")
        return exit_codes.DONE
    if args.yes and planned.unfounded:
        remark(f"nothing was changed: {unfounded(planned)}; {how_to_name(planned)}")
        return exit_codes.NOT_DONE
    if not args.yes and not confirmed("apply", "make this change"):
        remark("nothing was changed; --yes applies it without asking")
        return exit_codes.DONE
    return _apply(args, planned, context)


def _apply(args: argparse.Namespace, planned: Plan, context: Context) -> int:
    from wizard.remedies.journal import Journal, JournalError
    from wizard.remedies.session import carry_out, prove, still_old

    journal = Journal.default()
    tell = remark if sys.stderr.isatty() else (lambda _text: None)
    try:
        applied = carry_out(context, planned, journal, tell)
        print_prose(("", "Applied" if applied.ok else "Not applied", *_bullets(applied.lines)))
        if not applied.ok:
            print_prose(("", *for_others(planned), "(--as writes it for other tools)"))
            return exit_codes.NOT_DONE
        remark(f"take it back with: goneaway-wizard undo {applied.entry.id}")
        verified = prove(context, applied, journal, tell)
    except JournalError as error:
        remark(str(error))
        return exit_codes.NOT_DONE
    print_prose(("", *told(verified, columns() or WIDE)))
    try:
        open_now = still_old(context, applied.entry)
    except ServerError as error:
        print_prose(("", f"Open sessions: not looked at ({error})"))
        open_now = None
    if open_now is not None:
        print_prose(("", "Open sessions", *_bullets(open_now.lines)))
    if verified.ok:
        if verified.would_prove:
            remark(f"follow it with: goneaway-wizard fix --follow {applied.entry.id}")
        return offer_restart(args, context, applied.entry) if args.restart else exit_codes.DONE
    return _offer_undo(args, context, applied.entry, journal)


def offer_restart(args: argparse.Namespace, context: Context, entry: JournalEntry) -> int:
    """Name the sessions that it cuts, ask for a word of its own, and follow the start."""
    from wizard.hosts.protocol import HostError
    from wizard.remedies.on_host import restart_needed, restart_now
    from wizard.remedies.plan import PlanError

    try:
        unit, cut = restart_needed(context, entry)
    except (PlanError, HostError) as error:
        remark(f"not restarted: {error}")
        return exit_codes.NOT_DONE
    print_prose(("", f"A restart of {unit} would cut", *_bullets(cut)))
    if not args.yes and not confirmed("restart", f"restart {unit} now"):
        remark("not restarted")
        return exit_codes.DONE
    tell = remark if sys.stderr.isatty() else (lambda _text: None)
    done = restart_now(context, unit, entry, tell)
    word = "Restarted" if done.ok else "The restart is NOT as it should be"
    print_prose(("", word, *_bullets(done.lines)))
    return exit_codes.DONE if done.ok else exit_codes.NOT_DONE


def _offer_undo(
    args: argparse.Namespace, context: Context, entry: JournalEntry, journal: Journal
) -> int:
    """What made no difference is not left behind without a word."""
    from wizard.remedies.session import take_back

    remark(f"it made no difference: undo is offered (goneaway-wizard undo {entry.id})")
    if not args.yes and confirmed("undo", "take it back now"):
        undone = take_back(context, entry, journal, False)
        print_prose(_bullets(undone.lines))
    return exit_codes.NOT_DONE


def _bullets(texts: Iterable[str]) -> Iterable[str]:
    return (f"- {text}" for text in texts)
