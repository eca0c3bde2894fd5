"""A plan as text for whoever may carry it out: a console, a chart, an administrator. Pure."""

from collections.abc import Iterator

from wizard.remedies.doable import HandOn
from wizard.remedies.managed import SERVICES, handed_on, why
from wizard.remedies.plan import Plan

WORDS = {
    **SERVICES,
    HandOn.HELM: "a Helm chart",
    HandOn.COMPOSE: "Compose",
    HandOn.ANSIBLE: "Ansible",
    HandOn.OPTION_FILE: "an option file",
}

ENDINGS = {
    HandOn.HELM: ".yaml",
    HandOn.COMPOSE: ".yaml",
    HandOn.ANSIBLE: ".yaml",
    HandOn.OPTION_FILE: ".cnf",
}
"""Of a file that holds the text; a shell's for those that are not named."""


def handed(planned: Plan, form: HandOn) -> Iterator[str]:
    """The plan's values as text for somebody else's tools."""
    group = "mariadb" if planned.info.is_mariadb else "mysqld"
    values = [(change.name, change.new) for change in planned.changes]
    yield from (f"# {c.name}: {c.old_text} -> {c.new_text} ({c.because})" for c in planned.changes)
    yield from handed_on(form, values, group)


def for_the_service(planned: Plan) -> Iterator[str]:
    """What to hand on where the service lets nobody set variables; nothing elsewhere."""
    if planned.service is not None:
        yield why(planned.service)
        yield from handed(planned, planned.service)


def for_others(planned: Plan) -> Iterator[str]:
    """The change for whoever may make it, where this account may not."""
    yield "To hand on to somebody who may:"
    yield from (f"  {statement};" for statement in planned.statements)
    yield from (f"  {line}" for line in handed(planned, HandOn.OPTION_FILE))


def ending(form: HandOn) -> str:
    return ENDINGS.get(form, ".sh")
