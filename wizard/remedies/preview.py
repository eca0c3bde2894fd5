"""What would be done, as plain text for a terminal or a ticket. Pure."""

from collections.abc import Iterator

from wizard.remedies.actions import Action
from wizard.remedies.host_plan import HostPlan
from wizard.remedies.plan import Plan


def lines(plan: Plan) -> Iterator[str]:
    """What would be done, what it costs, and how it would be taken back."""
    yield f"{plan.remedy.title}"
    yield f"on {plan.label} ({plan.info.flavor} {plan.info.version})"
    yield ""
    for change in plan.changes:
        yield f"  {change.name}: {change.old_text} -> {change.new_text}   ({change.because})"
    yield ""
    yield "SQL"
    yield from (f"  {statement};" for statement in plan.statements)
    if plan.file_edit is not None:
        yield "Option file"
        yield from (f"  {line}" for line in plan.file_edit.diff.splitlines())
    yield "Undo"
    yield from (f"  {statement};" for statement in plan.undo_statements)
    if plan.file_edit is not None:
        yield f"  take the added lines out of {plan.file_edit.path}"
    yield ""
    yield from (f"- {text}" for text in (*plan.notes, *plan.costs))
    if plan.remedy.risk:
        yield f"- Risk: {plan.remedy.risk}"
    if plan.remedy.vain:
        yield f"- It will not help where: {plan.remedy.vain}"
    if plan.remedy.after:
        yield f"- First: {', '.join(plan.remedy.after)}"
    if plan.unfounded:
        yield f"- CAUTION: {unfounded(plan)}"


def unfounded(plan: Plan) -> str:
    """Why `--yes` does not apply it."""
    names = " and ".join(plan.unfounded)
    return f"nothing that was seen asks for this value of {names}: name it yourself if you want it"


def host_lines(planned: HostPlan) -> Iterator[str]:
    """Commands, the file and the way back, of a change of the database host."""
    yield planned.remedy.title
    yield f"on the machine of {planned.label}"
    yield ""
    yield f"  {planned.record.summary}   ({planned.because})"
    yield ""
    yield "Commands"
    yield from (f"  sysctl -w {s.name}={s.new}" for s in planned.record.settings)
    if planned.record.unit:
        yield "  systemctl daemon-reload"
    yield "File"
    yield from (f"  {line}" for line in planned.edit.diff.splitlines())
    yield "Undo"
    yield from (f"  sysctl -w {s.name}={s.old}" for s in planned.record.settings)
    yield f"  take the added lines out of {planned.edit.path}"
    yield ""
    yield from (f"- {note}" for note in planned.notes)
    yield f"- Risk: {planned.remedy.risk}"


def action_lines(action: Action) -> Iterator[str]:
    """Whom it is about and the exact SQL, of what nothing takes back."""
    yield action.remedy.title
    yield ""
    yield from (f"  {line}" for line in action.about)
    yield "SQL"
    yield from (f"  {statement};" for statement in action.statements)
    yield "Undo"
    yield "  none: this cannot be taken back"
    yield f"- Risk: {action.remedy.risk}"
