"""`goneaway-wizard undo`: take back an applied change, the newest in force or the one named.

Exit codes: 0 taken back, previewed or nothing to take back; 1 not taken back; 2 wrong usage;
3 the server could not be reached and there was nothing to do without it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from wizard.remedies.interrupted import unread_words
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import JournalEntry
from wizard.remedies.journal_reading import Reading
from wizard.remedies.session import another_machine, conflicts, preview_of, take_back
from wizard.remedies.undo import UndoRefused, require_newest
from wizard.remedies.which_change import (
    in_force,
    later_change,
    perhaps_the_same,
    same_server,
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
    found = journal.reading()
    if found.unread:
        remark(unread_words(found, journal))
    if args.list:
        print_lines(listed(found.entries))
        return exit_codes.DONE
    if word is None and not in_force(found.entries):
        remark(f"there is no change to take back in {journal.path}")
        return exit_codes.NOT_DONE if found.unread else exit_codes.DONE
    named = None if word is None else _named(found, word)
    if named is not None and named.actions:
        remark(f"{named.id} cannot be undone: {'; '.join(named.actions)}")
        return exit_codes.NOT_DONE
    if named is not None and not named.state.in_force:
        remark(f"{named.id} is {named.state}: there is nothing to take back")
        return exit_codes.DONE
    if named is not None and (later := later_change(named, found.entries)):
        remark(f"nothing was taken back: {later}")
        return exit_codes.NOT_DONE
    return _undo(args, journal, found.entries, named)


def _named(found: Reading, word: str) -> JournalEntry:
    """Raises UsageError, or UndoRefused for one that this version does not understand."""
    if word in found.unread:
        raise UndoRefused(f"{word} is not understood: nothing was taken back")
    named = next((e for e in found.entries if e.id == word), None)
    if named is None:
        meant = [e.id for e in found.entries if e.id.startswith(word)]
        hint = f"did you mean {meant[-1]}?" if meant else "--list shows those that there are"
        raise UsageError(f"there is no change {word[:64]!r}; {hint}")
    return named


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
    is_asked = arguments.names_server
    if not is_asked or (named is not None and not replace(arguments, ssh=None).names_server):
        arguments = same_way(named or in_force(entries)[0], arguments)
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    investigation = beginning.begin()
    context = investigation.context
    label = beginning.target.label
    is_refused = False
    try:
        try:
            context.server = resting(context.connector.connect())
        except CannotConnect as cannot:
            is_refused = cannot.refuses_account
            remark(operator_line(cannot))
        identity = _identity(context.server)
        if named is not None:
            doubt = _doubt(named, identity, label)
            entry = named
        elif mine := in_force(entries, identity, label):
            doubt, entry = "", mine[0]
        else:
            return _none_here(entries, identity, label, is_asked)
        if context.server is None and entry.file is None:
            if named is None:
                _name_others(entries, label)
            return exit_codes.UNREACHABLE
        if is_refused and entry.host is None:
            remark("nothing was taken back: the server runs, and refuses this account")
            return exit_codes.UNREACHABLE
        return _confirm_and_undo(args, entry, context, journal, doubt)
    except UndoRefused as refused:
        remark(f"nothing was taken back: {refused}")
        return exit_codes.NOT_DONE
    except ServerError as error:
        remark(operator_line(error))
        return exit_codes.NOT_DONE
    finally:
        investigation.close()


def _identity(session: ServerSession | None) -> str:
    from wizard.remedies.situation import identity_of
    from wizard.server.variables import read_settings

    return "" if session is None else identity_of(read_settings(session))


def _doubt(named: JournalEntry, identity: str, label: str) -> str:
    """Why the server may be another than the one that was changed, or an empty string. Raises
    UsageError where it is another."""
    if not (identity and named.identity) or same_server(named.identity, identity):
        return ""
    if differs := perhaps_the_same(named.identity, identity):
        return f"{named.id} may have been made on another server than {label}: {differs}"
    if named.label == label:
        raise UsageError(f"{named.id} was made on another server than the one at {label} now")
    raise UsageError(
        f"{named.id} was made on another server ({named.label}), not on {label}: name that one"
    )


def _name_others(entries: Sequence[JournalEntry], label: str) -> None:
    """A server that is gone for good does not hide what is in force on others."""
    for entry in in_force(entries):
        if entry.label != label:
            remark(f"{entry.id} is in force on {entry.label}: goneaway-wizard undo {entry.id}")


def _none_here(entries: Sequence[JournalEntry], identity: str, label: str, is_asked: bool) -> int:
    """Nothing to take back at this server. One that is not reached, without an identity, may be
    any of the others; one that was not named stands where another was changed."""
    remark(f"there is no change to take back on {label}")
    for entry in in_force(entries):
        where = _which_stood_here(entry, identity) if identity and entry.label == label else ""
        remark(f"{entry.id} is in force on {entry.label}{where}: goneaway-wizard undo {entry.id}")
    if not identity:
        return exit_codes.UNREACHABLE
    return exit_codes.DONE if is_asked else exit_codes.NOT_DONE


def _which_stood_here(entry: JournalEntry, identity: str) -> str:
    if differs := perhaps_the_same(entry.identity, identity):
        return f", which may have been another server ({differs})"
    return ", which was another server"


def _purpose(machine: str) -> str:
    return "take it back here all the same" if machine else "replace what somebody else changed"


def _hindrance(machine: str, doubt: str = "") -> str:
    """Why nothing is taken back unasked.

    The server (`doubt`) or the machine may be another, or others changed it.
    """
    if doubt:
        return f"{doubt}; if it is the same, run undo on a terminal, which asks"
    if machine:
        return machine if "undo there" in machine else f"{machine}; run goneaway-wizard undo there"
    return "somebody changed it since; mend it by hand, or run undo on a terminal to overwrite it"


def _confirm_and_undo(
    args: argparse.Namespace,
    entry: JournalEntry,
    context: Context,
    journal: Journal,
    doubt: str,
) -> int:
    session = context.server
    print_lines((f"{entry.id}  {entry.remedy}: {entry.summary}",))
    found = (*filter(None, [doubt]), *conflicts(context, entry, session))
    print_lines(
        f"- {line}" for line in (*preview_of(entry, session), *(f"CAUTION: {c}" for c in found))
    )
    overwrite = False
    if found:
        require_newest(entry, journal)
        machine = doubt or another_machine(context, entry)
        overwrite = confirmed("overwrite", _purpose(machine))
        if not overwrite:
            remark(f"nothing was taken back: {_hindrance(machine, doubt)}")
            return exit_codes.NOT_DONE
    elif not args.yes and not confirmed("undo", "take it back"):
        remark("nothing was taken back; --yes does it without asking")
        return exit_codes.DONE
    undone = take_back(context, entry, journal, overwrite)
    print_lines(f"- {line}" for line in undone.lines)
    if undone.ok or (session is None and undone.state is not entry.state):
        print_lines((f"{entry.id} is {undone.state}",))
        return exit_codes.DONE
    print_lines((f"{entry.id} is not undone: undo it again once nothing is in the way",))
    return exit_codes.NOT_DONE
