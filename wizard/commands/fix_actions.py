"""`fix unblock-host` and `fix free-slots`: shown, asked, journalled, done; not undoable."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from knowledge.model import Remedy
from wizard.commands import exit_codes
from wizard.commands.terminal import confirmed, print_prose, remark
from wizard.remedies.actions import Action, ActionRefused, ending, open_sessions, unblocking
from wizard.remedies.doable import LAST_SESSION
from wizard.remedies.offers import is_founded
from wizard.remedies.preview import action_lines
from wizard.safety.errors import UsageError
from wizard.units import whole_number

if TYPE_CHECKING:
    from wizard.investigation.run import Investigation
    from wizard.steps.step import Context

_LISTED = 50


def act(args: argparse.Namespace, remedy: Remedy, investigation: Investigation) -> int:
    from wizard.remedies.session import server_of

    context = investigation.context
    session = server_of(context)
    if remedy.id == "unblock-host":
        action = unblocking(remedy, session)
        if args.yes and not (args.dry_run or action.is_founded):
            remark("looking at the server first, for what asks for it")
            action = replace(action, is_founded=is_founded(remedy, investigation.run()))
        return _show_and_do(args, action, context)
    numbers = tuple(args.ends)
    if not numbers:
        print_prose((remedy.title, "", remedy.text, "", "Sessions that can be ended:"))
        listed = open_sessions(session)
        print_prose([f"  {found.told}" for found in listed[:_LISTED]] or ["  none"])
        if len(listed) > _LISTED:
            print_prose((f"  and {len(listed) - _LISTED} more",))
        numbers = _asked()
    if not numbers:
        remark("nothing was ended; --end ID (repeatable) chooses a session")
        return exit_codes.DONE
    try:
        return _show_and_do(args, ending(remedy, session, numbers), context)
    except ActionRefused as refused:
        raise UsageError(str(refused)) from None


def _asked() -> tuple[int, ...]:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ()
    print("Numbers of sessions to end (empty: none): ", end="", file=sys.stderr, flush=True)
    words = sys.stdin.readline().replace(",", " ").split()
    numbers = [whole_number(word, LAST_SESSION) for word in words]
    if None in numbers:
        raise UsageError("sessions are named by their numbers, as listed")
    return tuple(number for number in numbers if number is not None)


def _show_and_do(args: argparse.Namespace, action: Action, context: Context) -> int:
    from wizard.remedies.journal import Journal, JournalError
    from wizard.remedies.session import do_at_once

    print_prose(action_lines(action))
    if args.dry_run:
        remark("nothing was done (--dry-run)")
        return exit_codes.DONE
    is_asked = not (args.yes and action.is_founded)
    if is_asked and not confirmed("do", "do this; it cannot be taken back"):
        if args.yes:
            remark(
                "nothing was done: nothing that was seen asks for it; name the log that tells of it"
                " (--app-log), or answer the question on a terminal"
            )
            return exit_codes.NOT_DONE
        remark("nothing was done; --yes does it without asking")
        return exit_codes.DONE
    try:
        acted = do_at_once(context, action, Journal.default())
    except JournalError as error:
        remark(str(error))
        return exit_codes.NOT_DONE
    print_prose(("", "Done" if acted.ok else "Not done", *_bullets(acted.lines)))
    return exit_codes.DONE if acted.ok else exit_codes.NOT_DONE


def _bullets(texts: Iterable[str]) -> Iterable[str]:
    return (f"- {text}" for text in texts)
