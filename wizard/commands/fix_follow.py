"""`fix --follow ID`: whether the failure that a change was to mend comes again.

Looks at the server and its logs since the change, once or every so often, and writes into the
journal since when it has not come again.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from knowledge.load import load
from wizard.commands import exit_codes
from wizard.commands.terminal import ask_password, ask_question, choose_server, print_prose, remark
from wizard.commands.way_back import same_way
from wizard.investigation.begin import Beginning, begin_with
from wizard.remedies.journal import Journal
from wizard.remedies.journal_entry import JournalEntry
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.server.session import CannotConnect, ServerError
from wizard.target.flags import target_arguments
from wizard.units import duration, many, moment

if TYPE_CHECKING:
    from wizard.diagnosis.model import Diagnosis, Finding


_FOLLOWED = "; followed: "


def follow(args: argparse.Namespace) -> int:
    """Exit code 0 where it has not come again, 1 where it has."""
    journal = Journal.default()
    entry = journal.find(args.follow)
    if entry is None:
        raise UsageError(f"there is no change {args.follow[:64]!r}; undo --list shows them")
    if not entry.state.in_force:
        raise UsageError(f"{entry.id} is {entry.state}: there is nothing to follow")
    print_prose((f"{entry.id}  {entry.remedy}: {entry.summary}", f"made {moment(entry.at)}"))
    given = target_arguments(args)
    arguments = given if given.names_server else same_way(entry, given)
    arguments = replace(arguments, since=entry.at.isoformat())
    beginning = begin_with(arguments, ask_password(), remark, choose_server, ask_question())
    until = time.monotonic() + (args.seconds or 0.0)
    code = exit_codes.DONE
    while True:
        try:
            code = _look(beginning, entry, journal)
        except ServerError as error:
            remark(operator_line(error))
            if isinstance(error, CannotConnect) and not args.seconds:
                return exit_codes.UNREACHABLE
        left = until - time.monotonic()
        if left <= 0 or code != exit_codes.DONE:
            return code
        time.sleep(min(args.every, left))


def _look(beginning: Beginning, entry: JournalEntry, journal: Journal) -> int:
    from wizard.remedies.session import still_old

    investigation = beginning.begin()
    try:
        diagnosis = investigation.run()
        if investigation.context.server is None:
            raise CannotConnect("the server is not reached: what happened since is not known")
        again = _again(entry, diagnosis)
        open_now = still_old(investigation.context, entry)
    finally:
        investigation.close()
    now = datetime.now(UTC)
    since = duration((now - entry.at).total_seconds())
    print_prose((f"{moment(now)}", *_told(again, since)))
    if open_now is not None:
        print_prose(f"- {line}" for line in open_now.lines)
    text = (
        f"came again by {moment(now)}: {', '.join(f.cause for f in again)}"
        if again
        else f"not come again since {moment(entry.at)}, last looked at {moment(now)}"
    )
    # What the proof said stays, as the report tells it.
    journal.move(entry, entry.state, f"{entry.text.partition(_FOLLOWED)[0]}{_FOLLOWED}{text}")
    return exit_codes.NOT_DONE if again else exit_codes.DONE


def _told(again: tuple[Finding, ...], since: str) -> Iterator[str]:
    if not again:
        yield f"- the failure has not come again in {since}"
    for finding in again:
        counted = many(finding.explains, "failure")
        yield f"- it CAME AGAIN: {finding.cause} ({finding.verdict}, {counted})"
        yield from (f"    {reason.text}" for reason in finding.supports[:3])


def _again(entry: JournalEntry, diagnosis: Diagnosis) -> tuple[Finding, ...]:
    """Causes against which the remedy was, that something since the change speaks for."""
    helped = {c.id for c in load().causes.values() if entry.remedy in c.remedies}
    return tuple(
        f
        for f in diagnosis.findings
        if f.cause in helped
        and f.explains
        and any(r.last is not None and r.last > entry.at for r in f.supports)
    )
