"""A plan as plain text, for a terminal or a ticket. Pure."""

from collections.abc import Iterator

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
    return (
        f"nothing that was seen asks for this value of {names}; name it with --set"
        f" {plan.unfounded[0]}=VALUE if you want it"
    )
