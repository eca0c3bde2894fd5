"""`goneaway-wizard undo`: take back an applied change, the newest in force or the one named.

Exit codes: 0 taken back, previewed or nothing to take back; 1 not taken back; 2 wrong usage;
3 the server could not be reached and there was nothing to do without it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wizard.commands import exit_codes
from wizard.commands.positional import add_words, own_word
from wizard.commands.terminal import (
    ask_password,
    ask_question,
    choose_server,
    confirmed,
    print_lines,
    remark,
)
from wizard.commands.way_back import same_way
from wizard.investigation.begin import begin_with
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.session import another_machine, conflicts, preview_of, take_back
from wizard.remedies.undo import (
    UndoRefused,
    in_force,
)
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.server.resting import resting
from wizard.server.session import CannotConnect, ServerError
from wizard.target.flags import (
    TargetParser,
    add_target_arguments,
    target_arguments,
)

if TYPE_CHECKING:
    from wizard.server.session import ServerSession
    from wizard.steps.step import Context


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "undo",
        help="take back a change that was applied",
        usage="%(prog)s [TARGET] [--list] [--yes] [ID]",
        description="Takes back the newest change in force, or the one named, from whatever "
        "process. Without --yes it asks on a terminal, and only shows what it would do "
        "elsewhere. Exit code: 0 taken back or shown, 1 not taken back, 2 wrong usage, 3 the "
        "server could not be reached.",
    )
    add_words(parser, "ID", "a change's id, as --list shows it")
    add_target_arguments(parser)
    parser.add_argument("--list", action="store_true", help="show all changes, newest last")
    parser.add_argument("--yes", action="store_true", help="do it without asking")
    parser.set_defaults(run=lambda args: run(args, own_word(parser, args)))


def run(args: argparse.Namespace, word: str | None) -> int:
    journal = Journal.default()
    entries = journal.entries()
    if args.list:
        print_lines(listed(entries))
        return exit_codes.DONE
    named = next((e for e in entries if e.id == word), None)
    if word is not None and named is None:
        raise UsageError(f"there is no change {word[:64]!r}; --list shows those that there are")
    if named is not None and named.actions:
        remark(f"{named.id} cannot be undone: {'; '.join(named.actions)}")
        return exit_codes.NOT_DONE
    if not in_force(entries):
        remark("there is no change to take back")
        return exit_codes.DONE
    return _undo(args, journal, entries, named)


def listed(entries: Sequence[JournalEntry]) -> Iterator[str]:
    """One block a change: what, where, when, and how far it came."""
    if not entries:
        yield "no changes"
    for entry in entries:
        yield f"{entry.id}  {entry.standing}"
        yield f"    {entry.remedy} on {entry.label}: {entry.summary}"


def _undo(
    args: argparse.Namespace,
    journal: Journal,
    entries: Sequence[JournalEntry],
    named: JournalEntry | None,
) -> int:
    arguments = target_arguments(args)
    if not arguments.names_server:
        arguments = same_way(named or in_force(entries)[0], arguments)
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    investigation = beginning.begin()
    context = investigation.context
    label = beginning.target.label
    try:
        try:
            context.server = resting(context.connector.connect())
        except CannotConnect as cannot:
            remark(operator_line(cannot))
        entry = _chosen(entries, named, context.server, label)
        if entry is None:
            return _none_here(entries, context.server is not None, label)
        if context.server is None and entry.file is None:
            return exit_codes.UNREACHABLE
        return _confirm_and_undo(args, entry, context, journal)
    except ServerError as error:
        remark(operator_line(error))
        return exit_codes.NOT_DONE
    finally:
        investigation.close()


def _chosen(
    entries: Sequence[JournalEntry],
    named: JournalEntry | None,
    session: ServerSession | None,
    label: str,
) -> JournalEntry | None:
    from wizard.remedies.situation import identity_of
    from wizard.server.variables import read_settings

    identity = "" if session is None else identity_of(read_settings(session))
    if named is None:
        return next(iter(in_force(entries, identity, label)), None)
    if identity and named.identity and named.identity != identity:
        raise UsageError(
            f"{named.id} was made on another server ({named.label}), not on {label}: name that one"
        )
    return named


def _none_here(entries: Sequence[JournalEntry], is_reached: bool, label: str) -> int:
    """Nothing to take back at this server. One that is not reached may be any of the others."""
    remark(f"there is no change to take back on {label}")
    for entry in in_force(entries):
        remark(f"{entry.id} is in force on {entry.label}: goneaway-wizard undo {entry.id}")
    return exit_codes.DONE if is_reached else exit_codes.UNREACHABLE


def _purpose(machine: str) -> str:
    return "take it back here all the same" if machine else "replace what somebody else changed"


def _hindrance(machine: str) -> str:
    """Why nothing is taken back unasked: `machine` tells of another one, or others changed it."""
    if machine:
        return machine if "undo there" in machine else f"{machine}; run goneaway-wizard undo there"
    return "somebody changed it since; mend it by hand, or run undo on a terminal to overwrite it"


def _confirm_and_undo(
    args: argparse.Namespace,
    entry: JournalEntry,
    context: Context,
    journal: Journal,
) -> int:
    session = context.server
    print_lines((f"{entry.id}  {entry.remedy}: {entry.summary}",))
    found = conflicts(context, entry, session)
    print_lines(
        f"- {line}" for line in (*preview_of(entry, session), *(f"CAUTION: {c}" for c in found))
    )
    overwrite = False
    if found:
        machine = another_machine(context, entry)
        overwrite = confirmed("overwrite", _purpose(machine))
        if not overwrite:
            remark(f"nothing was taken back: {_hindrance(machine)}")
            return exit_codes.NOT_DONE
    elif not args.yes and not confirmed("undo", "take it back"):
        remark("nothing was taken back; --yes does it without asking")
        return exit_codes.DONE
    try:
        undone = take_back(context, entry, journal, overwrite)
    except UndoRefused as refused:
        remark(str(refused))
        return exit_codes.NOT_DONE
    print_lines((*(f"- {line}" for line in undone.lines), f"{entry.id} is {undone.state}"))
    return (
        exit_codes.DONE
        if undone.ok or (session is None and undone.state is not entry.state)
        else exit_codes.NOT_DONE
    )
