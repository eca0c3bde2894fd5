"""The plan of a change: what will be said to the server and written to its option file. Pure.

`--set` takes the remedy's own variable and any other number or switch of the knowledge base
that can be changed while the server runs: they are previewed, journalled, verified and undone
alike. Text variables (init_connect) and those that need a restart are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from knowledge.load import load
from knowledge.model import Remedy, Variable
from wizard.remedies.costs import costs, remarks
from wizard.remedies.doable import HandOn
from wizard.remedies.option_check import OptionCheck
from wizard.remedies.option_file_edit import FileEdit, OptionFilePlace, edit, writable
from wizard.remedies.place import UNKNOWN_PLACE, ChangePlace
from wizard.remedies.proposals import NoProposal, propose
from wizard.remedies.situation import Situation
from wizard.safety.errors import WizardError
from wizard.server.flavor import series_of
from wizard.server.session import ServerInfo
from wizard.server.values import BadValue, Value, in_words, parse, same

_TWINS = {"log_error_verbosity": "log_warnings"}
"""The variable that does the same on the other flavour."""


class PlanError(WizardError):
    """There is nothing to apply, or it cannot be; the message is one line that says why.

    `usage` is true where the operator asked for something that makes no sense; `wants` is what
    they may name instead, such as `wait_timeout=VALUE`.
    """

    def __init__(self, message: str, usage: bool = False, wants: str = "") -> None:
        super().__init__(message)
        self.usage = usage
        self.wants = wants


class NothingToDo(PlanError):
    """The server already has the value; the message is one line."""


@dataclass(frozen=True, slots=True)
class VariableChange:
    """One variable. `old` and `new` are as the server prints them; `because` says why `new`.

    `persisted` is what SET PERSIST had stored before, None for nothing. `measured` is false where
    neither the operator nor anything that was seen made the value.
    """

    name: str
    unit: str
    old: str
    new: str
    because: str = ""
    persisted: str | None = None
    measured: bool = True

    @property
    def old_text(self) -> str:
        return in_words(load().variables.get(self.name), self.old)

    @property
    def new_text(self) -> str:
        return in_words(load().variables.get(self.name), self.new)


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done.

    `set_persist` and `file_edit` are the two ways to keep the values across a restart; with
    neither, a restart brings the old ones back. `unfounded` names the variables whose value nothing
    that was seen asks for: they are not set without a question. `service` is who runs the server
    where nobody may set variables by SQL: then the plan is handed on. `check` is how the server
    itself judges the edited files.
    """

    remedy: Remedy
    changes: tuple[VariableChange, ...]
    info: ServerInfo
    label: str
    identity: str
    set_persist: bool = False
    file_edit: FileEdit | None = None
    costs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: ChangePlace = UNKNOWN_PLACE
    unfounded: tuple[str, ...] = ()
    service: HandOn | None = None
    check: OptionCheck | None = None

    @property
    def statements(self) -> tuple[str, ...]:
        return tuple(set_statement(c.name, c.new, self.set_persist) for c in self.changes)

    @property
    def undo_statements(self) -> tuple[str, ...]:
        return tuple(
            statement
            for c in reversed(self.changes)
            for statement in undo_statements(c, self.set_persist)
        )


def set_statement(name: str, value: str, persist: bool = False) -> str:
    """The statement that sets a variable.

    `name` is a variable of the knowledge base and `value` a number or switch, so that nothing needs
    quoting (SET takes no quoted numbers, error 1232).
    """
    return f"SET {'PERSIST' if persist else 'GLOBAL'} {name} = {value}"


def undo_statements(change: VariableChange, persisted: bool) -> tuple[str, ...]:
    """RESET PERSIST leaves the running value, and SET PERSIST sets it, so SET GLOBAL is last.

    On a full disk RESET PERSIST succeeds and leaves the value in the file (MySQL 9.7), from where a
    restart takes it: so the old value is kept first, which fails there.
    """
    back = set_statement(change.name, change.old)
    if not persisted:
        return (back,)
    if change.persisted is None:
        kept = set_statement(change.name, change.old, persist=True)
        return (kept, f"RESET PERSIST IF EXISTS {change.name}", back)
    return (set_statement(change.name, change.persisted, persist=True), back)


def plan(
    remedy: Remedy, situation: Situation, wanted: Mapping[str, str], persist: bool = False
) -> Plan:
    """What `remedy` would change. `wanted` are the operator's values by variable name; with
    `persist`, the change survives a restart. Raises PlanError."""
    if remedy.kind != "variable":
        raise PlanError(f"{remedy.id} is for you to do: {remedy.text}", usage=bool(wanted))
    wishes = {name.strip().lower().replace("-", "_"): text for name, text in wanted.items()}
    for name in wishes:
        _settable(_known(name, situation.info), situation)
    own = _own_variable(remedy, situation)
    names = (own.name, *(n for n in wishes if n != own.name))
    made = [_change(_known(name, situation.info), wishes.get(name), situation) for name in names]
    changes = tuple(change for change, _value, _measured in made)
    if persist and situation.keeping.refusal:
        raise PlanError(f"the change cannot outlive a restart: {situation.keeping.refusal}")
    kept = {c.name for c in changes if persist and not _is_kept(c, situation)}
    changes = tuple(c for c in changes if c.name in kept or not same(c.old, c.new))
    if not changes:
        first = made[0][0]
        raise NothingToDo(f"nothing to do: {first.name} is already {first.old_text}")
    clamped = [note for _change, value, _measured in made for note in value.notes]
    set_persist = persist and situation.keeping.set_persist
    edits = [(_known(c.name, situation.info), c.old, c.new) for c in changes]
    return Plan(
        remedy,
        changes,
        situation.info,
        situation.label,
        situation.identity,
        set_persist,
        _file_edit(remedy, changes, situation) if persist and not set_persist else None,
        costs(tuple(edits), situation),
        (*clamped, *_persisted_apart(changes, persist), *remarks(edits, persist)),
        situation.place,
        tuple(change.name for change, _value, measured in made if not measured),
        situation.service,
        situation.keeping.check,
    )


def _persisted_apart(changes: tuple[VariableChange, ...], persist: bool) -> Iterator[str]:
    """mysqld-auto.cnf is read after every option file, and beats them all."""
    for change in changes if not persist else ():
        if change.persisted is not None and not same(change.persisted, change.new):
            yield (
                f"SET PERSIST has stored {change.name} = {change.persisted} (mysqld-auto.cnf): the"
                " next restart brings that value, whatever option files say."
            )


def _own_variable(remedy: Remedy, situation: Situation) -> Variable:
    name = remedy.variable
    if situation.settings.value(name) is None:
        name = _TWINS.get(name, name)
    if situation.settings.value(name) is None:
        raise PlanError(f"{remedy.id} does not fit this server: it has no {remedy.variable}")
    return _known(name, situation.info)


def _known(name: str, info: ServerInfo) -> Variable:
    """The variable as this server's series has it."""
    variable = load().variables.get(name)
    if variable is None:
        raise PlanError(f"{name[:64]!r} is not a variable that the wizard knows", usage=True)
    return variable.on(series_of(info.flavor, info.numbers))


def _settable(variable: Variable, situation: Situation) -> str:
    """The variable's value now."""
    current = situation.settings.value(variable.name)
    if current is None:
        raise PlanError(f"this server has no {variable.name}", usage=True)
    if not variable.dynamic:
        raise PlanError(f"{variable.name} cannot be changed without a restart", usage=True)
    return current


def _change(
    variable: Variable, wish: str | None, situation: Situation
) -> tuple[VariableChange, Value, bool]:
    """The change, its value, and whether something that was seen or the operator asks for it."""
    current = _settable(variable, situation)
    because, measured = "asked for", True
    try:
        if wish is None:
            proposal = propose(variable, situation)
            value, because = Value(proposal.value), proposal.because
            measured = proposal.measured
        else:
            value = parse(variable, wish)
    except NoProposal as none:
        raise PlanError(str(none), wants=none.wants) from None
    except BadValue as bad:
        raise PlanError(str(bad), usage=True) from None
    persisted = (situation.settings.persisted or {}).get(variable.name)
    return (
        VariableChange(
            variable.name, variable.unit, current, value.text, because, persisted, measured
        ),
        value,
        measured,
    )


def _is_kept(change: VariableChange, situation: Situation) -> bool:
    """Whether a restart would bring the new value already."""
    if situation.keeping.set_persist:
        return same(change.persisted, change.new)
    return same(situation.keeping.options.text(change.name), change.new)


def _file_edit(
    remedy: Remedy, changes: tuple[VariableChange, ...], situation: Situation
) -> FileEdit:
    place = _place(changes, situation)
    if refusal := writable(place):
        raise PlanError(f"the change cannot outlive a restart: {refusal}")
    return edit(place, [(c.name, c.new) for c in changes], f"{remedy.id}: {remedy.title}")


def _place(changes: tuple[VariableChange, ...], situation: Situation) -> OptionFilePlace:
    names = {c.name for c in changes}
    keeping = situation.keeping
    if on_command_line := names & keeping.command_line:
        option = sorted(on_command_line)[0].replace("_", "-")
        raise PlanError(
            f"the server is started with --{option}, which beats every option file;"
            " change the command line that starts it"
        )
    place = next((p for p in keeping.places if not names & p.beaten), None)
    if place is None:
        name = sorted(names)[0]
        where = keeping.options.where(name) or "a file that is read later"
        raise PlanError(f"{where} sets {name} and is read last; change it there")
    return place
