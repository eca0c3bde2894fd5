"""What the Fix pane has looked up in the thread: offers, previews, sessions, the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from screens.fix_model import Offer, Preview, Undoable
from screens.opening import Engine
from screens.state import FixKind
from screens.text.down import down_lines
from screens.text.fix_papers import Paper
from wizard.case.case import Case
from wizard.case.how_far import ended_words
from wizard.diagnosis.down_now import START
from wizard.diagnosis.model import Diagnosis

if TYPE_CHECKING:
    from wizard.remedies.actions import Action, OpenSession
    from wizard.remedies.journal_entry import JournalEntry
    from wizard.remedies.plan import PlanError

Say = Callable[[str], None]

FREE_SLOTS = "free-slots"
"""The remedy for which sessions are chosen first."""

_MOST_LEFT = 5

_NOT_OURS = "The wizard does not do this: it is for you to do."


def offers(diagnosis: Diagnosis | None) -> list[Offer]:
    """Remedies of accused causes first, then of possible ones; each once, in their order."""
    from screens.text.words import verdict_word
    from wizard.remedies.offers import offers as offered

    found = offered(diagnosis) if diagnosis is not None else ()
    return [Offer(o.remedy, o.finding.cause, verdict_word(o.finding.verdict)) for o in found]


def others(offered: Iterable[Offer]) -> list[Offer]:
    """What the wizard can do beside `offered`: nothing that was found asks for it."""
    from knowledge.load import load
    from wizard.remedies.doable import ACTIONS

    known = {offer.remedy.id for offer in offered}
    rest = [Offer(r, "", "") for r in load().remedies.values() if r.id not in known]
    return sorted(
        (offer for offer in rest if offer.is_wizards),
        key=lambda offer: offer.remedy.id not in ACTIONS,
    )


def wanted(text: str) -> dict[str, str]:
    """`wait_timeout=10m, max_allowed_packet=64M` as a mapping. Raises UsageError."""
    from wizard.remedies.wanted import wanted_values

    return wanted_values(part for part in text.split(",") if part.strip())


def preview(engine: Engine, offer: Offer, values: Mapping[str, str], persist: bool) -> Preview:
    """What a remedy would do to this server or its host; changes nothing."""
    from wizard.remedies.doable import ACTIONS, HOST_REMEDIES

    if offer.remedy.kind == "variable":
        return _of_variables(engine, offer, values, persist)
    if offer.remedy.id in HOST_REMEDIES:
        return _of_host(engine, offer, values)
    if offer.remedy.id in ACTIONS:
        return _of_unblocking(engine, offer)
    return _yours(offer, _NOT_OURS, _first_look(engine) if offer.remedy.id == START else ())


def _first_look(engine: Engine) -> tuple[str, ...]:
    """How a server that is down is started on its machine, and what else is known of it.

    What to do stands first: the room below the list shows but a few rows."""
    from wizard.diagnosis.diagnose import diagnose
    from wizard.diagnosis.down_now import down_now

    down = down_now(engine.case, diagnose(engine.case))
    if down is None:
        return ()
    *known, start = down_lines(down)
    return ("", start, *known)


def _about(offer: Offer) -> tuple[str, ...]:
    asked = f"For {offer.cause} ({offer.verdict})." if offer.cause else "Nothing found asks for it."
    return ("", asked, offer.remedy.text.strip())


def _yours(offer: Offer, why: str, known: tuple[str, ...] = ()) -> Preview:
    risk = (f"Risk: {offer.remedy.risk}",) if offer.remedy.risk else ()
    return Preview(offer, (offer.remedy.title, why, *known, *_about(offer), *risk))


def _of_variables(
    engine: Engine, offer: Offer, values: Mapping[str, str], persist: bool
) -> Preview:
    from wizard.diagnosis.diagnose import diagnose
    from wizard.remedies.hand_on import for_the_service
    from wizard.remedies.in_vain import warned
    from wizard.remedies.plan import PlanError
    from wizard.remedies.preview import lines
    from wizard.remedies.session import prepare

    diagnosis = diagnose(engine.case)
    try:
        planned = prepare(engine.context, offer.remedy, values, persist, diagnosis)
    except PlanError as error:
        if error.usage or not error.wants:
            raise
        return replace(
            _yours(offer, f"Nothing is proposed: {_with_wants(error)}"), wants_value=True
        )
    told = warned(replace(planned, notes=()), diagnosis).notes
    planned = replace(planned, notes=planned.notes[len(told) :])
    vain = [f"WARNING: {text}" for text in told]
    space = [""] if vain else []
    service = tuple(for_the_service(planned))
    after = [""] if service else []
    shown = (*service, *after, *vain, *space, *lines(planned), *_about(offer))
    kind = FixKind.YOURS if service else FixKind.CHANGE
    return Preview(offer, shown, planned, kind)


def _with_wants(error: PlanError) -> str:
    """What the operator may write into the field."""
    return f"{error}; name a value (Tab): Set {error.wants}" if error.wants else str(error)


def _of_host(engine: Engine, offer: Offer, values: Mapping[str, str]) -> Preview:
    """Where the host cannot be changed, the remedy's own text is the answer."""
    from wizard.hosts.protocol import HostError
    from wizard.remedies.on_host import prepare_host
    from wizard.remedies.plan import PlanError
    from wizard.remedies.preview import host_lines
    from wizard.safety.operator_line import operator_line

    try:
        planned = prepare_host(engine.context, offer.remedy, values)
    except (PlanError, HostError) as error:
        if isinstance(error, PlanError) and error.usage:
            raise
        why = _with_wants(error) if isinstance(error, PlanError) else operator_line(error)
        wants = isinstance(error, PlanError) and bool(error.wants)
        return replace(_yours(offer, f"The wizard does not do it here: {why}"), wants_value=wants)
    return Preview(offer, (*host_lines(planned), *_about(offer)), planned, FixKind.CHANGE)


def _of_unblocking(engine: Engine, offer: Offer) -> Preview:
    from wizard.remedies.actions import unblocking
    from wizard.remedies.session import with_server

    return _of_action(offer, with_server(engine.context, lambda s: unblocking(offer.remedy, s)))


def _of_action(offer: Offer, action: Action) -> Preview:
    from wizard.remedies.preview import action_lines

    return Preview(offer, (*action_lines(action), *_about(offer)), action, FixKind.ACTION)


def sessions(engine: Engine) -> tuple[OpenSession, ...]:
    """Clients' sessions that could be ended, the longest asleep first."""
    from wizard.remedies.actions import open_sessions
    from wizard.remedies.session import with_server

    return with_server(engine.context, open_sessions)


def preview_ending(engine: Engine, offer: Offer, numbers: tuple[int, ...]) -> Preview:
    """What ending these sessions would do; each is looked up again first."""
    from wizard.remedies.actions import ending
    from wizard.remedies.session import with_server

    return _of_action(
        offer, with_server(engine.context, lambda s: ending(offer.remedy, s, numbers))
    )


def undoable(engine: Engine) -> Undoable | None:
    """The newest change of this server that is in force, or None."""
    from wizard.remedies.session import conflicts, preview_of, undoing_session

    context, entries = engine.context, _in_force(engine)
    if not entries:
        _require_no_doubt(engine)
        return None
    entry = entries[0]
    with undoing_session(context, entry) as session:
        overwritten = conflicts(context, entry, session)
        would = preview_of(entry, session)
    more = len(entries) - 1
    lines = (
        f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {entry.remedy}  ({entry.standing})",
        f"  {entry.summary}",
        "",
        "Undo would do:",
        *indented(would),
        *((f"{more} more before it: undo again takes the next one back.",) if more else ()),
    )
    if overwritten:
        lines += ("", "Undo would overwrite what others changed since:", *indented(overwritten))
    return Undoable(entry, lines, bool(overwritten))


def _require_no_doubt(engine: Engine) -> None:
    """Raises UndoRefused where the journal holds what may be in force here.

    What is not understood, or was made on a server that may be this one.
    """
    from wizard.remedies.interrupted import unread_words
    from wizard.remedies.journal import Journal
    from wizard.remedies.undo import UndoRefused
    from wizard.remedies.which_change import in_doubt_here

    journal = Journal.default()
    if (found := journal.reading(most=0)).unread:
        raise UndoRefused(unread_words(found, journal))
    if told := in_doubt_here(found.entries, _identity(engine), engine.case.target.label):
        raise UndoRefused(told)


def undo_now(engine: Engine, what: Undoable) -> tuple[str, ...]:
    """Take the change back; the operator has agreed to what it overwrites."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.session import take_back

    undone = take_back(engine.context, what.entry, Journal.default(), what.overwrites)
    state = "not undone" if undone.state is what.entry.state else str(undone.state)
    return (state.upper().replace("-", " "), *indented(undone.lines))


def indented(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"  {part}" for line in lines for part in line.splitlines())


def left_in_force(engine: Engine) -> tuple[str, ...]:
    """What earlier runs changed on this server and nobody has taken back, newest first."""
    return tuple(_left(_in_force(engine), engine.case))


def _in_force(engine: Engine) -> Sequence[JournalEntry]:
    """Changes of this server, newest first; of one that is down, by how it is reached."""
    from wizard.remedies.journal import Journal
    from wizard.remedies.which_change import in_force

    return in_force(Journal.default().entries(), _identity(engine), engine.case.target.label)


def _identity(engine: Engine) -> str:
    """Which server it is; an empty string while it is down."""
    from wizard.remedies.session import with_server
    from wizard.remedies.situation import identity_of
    from wizard.server.session import CannotConnect
    from wizard.server.variables import read_settings

    with suppress(CannotConnect):
        return with_server(engine.context, lambda s: identity_of(read_settings(s)))
    return ""


def _left(entries: Sequence[JournalEntry], case: Case) -> Iterator[str]:
    if not entries:
        return
    yield "Changed on this server, and not taken back:"
    for entry in entries[:_MOST_LEFT]:
        how = entry.standing + ended_words(entry.as_change(), case)
        yield f"  {entry.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC  {entry.remedy}  ({how})"
        yield f"    {entry.summary}"
    if len(entries) > _MOST_LEFT:
        yield f"  and {len(entries) - _MOST_LEFT} more"
    yield "u shows what undo would do."
    if entries[0].is_interrupted:
        yield "A wizard was killed at work: undo takes it back, applying it again finishes it."


def handout_of(engine: Engine, diagnosis: Diagnosis) -> str:
    """Markdown for the application's developers."""
    from wizard.recipes.clients_seen import drivers_connected
    from wizard.recipes.handout import handout

    return handout(engine.case, diagnosis, drivers_connected(engine.context.server))


def written(paper: Paper) -> Path:
    """The paper as a file in the working directory, never over another one. Raises
    CannotWriteError."""
    from wizard.safety.private_file import place_for, write_private

    return write_private(place_for(paper.name), paper.text.encode("utf-8", "replace"))
