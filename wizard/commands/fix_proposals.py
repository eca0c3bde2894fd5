"""`fix` without a remedy: what to do, in order; `fix auto`: the leading cause's whole plan."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.model import Remedy
from wizard.commands import exit_codes
from wizard.commands.fix_apply import confirm_and_apply
from wizard.commands.plan_words import with_wants
from wizard.commands.terminal import print_prose, remark
from wizard.recipes.clients_seen import drivers_connected
from wizard.recipes.fit import fitting
from wizard.recipes.handout import handout
from wizard.remedies.doable import ACTIONS, HOST_REMEDIES
from wizard.remedies.offers import Offer, leading, offers
from wizard.remedies.plan import NothingToDo, Plan, PlanError
from wizard.remedies.session import prepare
from wizard.safety.private_file import CannotWriteError, write_private

if TYPE_CHECKING:
    from wizard.diagnosis.model import Diagnosis
    from wizard.steps.step import Context


def write_handout(path: Path, context: Context, diagnosis: Diagnosis) -> None:
    """Never over another file. Raises UsageError."""
    from wizard.safety.errors import UsageError

    text = handout(context.case, diagnosis, drivers_connected(context.server))
    try:
        write_private(path, text.encode("utf-8"), overwrite=False)
    except CannotWriteError as error:
        raise UsageError(str(error)) from None
    remark(f"written for the developers: {path}")


def proposals(args: argparse.Namespace, context: Context, diagnosis: Diagnosis) -> int:
    """The remedies of what was found, in order, each with its value and its price."""
    found = offers(diagnosis)
    if not found:
        print_prose(("Nothing that was found asks for a remedy.", *_advice(diagnosis)))
        return exit_codes.DONE
    print_prose(_listed(args, context, diagnosis, found))
    return exit_codes.DONE


def _advice(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.advice:
        yield diagnosis.advice


def _listed(
    args: argparse.Namespace, context: Context, diagnosis: Diagnosis, found: tuple[Offer, ...]
) -> Iterator[str]:
    cause = ""
    for number, offer in enumerate(found, 1):
        if offer.finding.cause != cause:
            cause = offer.finding.cause
            yield f"For {cause} ({offer.finding.verdict}): {offer.finding.title}"
        remedy = offer.remedy
        yield f"{number:3}. {remedy.id}: {remedy.title}"
        yield from (f"     {line}" for line in _about(args, context, diagnosis, remedy))
    if fitting(context.case, diagnosis):
        yield ""
        yield "What the application has to set, as a file: goneaway-wizard fix --handout FILE"


def _about(
    args: argparse.Namespace, context: Context, diagnosis: Diagnosis, remedy: Remedy
) -> Iterator[str]:
    if remedy.kind != "variable":
        yield f"for you: {remedy.text}"
        yield from _command(remedy)
        return
    planned = _planned(args, context, diagnosis, remedy)
    if isinstance(planned, str):
        yield planned
        return
    for change in planned.changes:
        yield f"{change.name}: {change.old_text} -> {change.new_text} ({change.because})"
    yield from planned.costs
    if remedy.vain:
        yield f"It will not help where: {remedy.vain}"
    yield f"goneaway-wizard fix {remedy.id}"


def _command(remedy: Remedy) -> Iterator[str]:
    """What the wizard can do of it, on a command of its own."""
    if remedy.id in ACTIONS | HOST_REMEDIES:
        yield f"goneaway-wizard fix {remedy.id} shows what the wizard can do of it"


def _planned(
    args: argparse.Namespace, context: Context, diagnosis: Diagnosis, remedy: Remedy
) -> Plan | str:
    try:
        return prepare(context, remedy, {}, args.persist, diagnosis)
    except NothingToDo as nothing:
        return str(nothing)
    except PlanError as error:
        return f"no value is proposed: {with_wants(error)}"


def whole_plan(args: argparse.Namespace, context: Context, diagnosis: Diagnosis) -> int:
    """The remedies of the leading cause, each shown and, where asked for, applied."""
    cause = leading(diagnosis)
    if cause is None:
        print_prose(("No cause is likely or confirmed: there is no plan.", *_advice(diagnosis)))
        return exit_codes.DONE
    mine = [o.remedy for o in offers(diagnosis) if o.finding.cause == cause.cause]
    print_prose((f"The plan for {cause.cause} ({cause.verdict}): {cause.title}",))
    worst = exit_codes.DONE
    for number, remedy in enumerate(mine, 1):
        print_prose(("", f"Step {number} of {len(mine)}: {remedy.id}"))
        worst = max(worst, _step(args, context, diagnosis, remedy))
    return worst


def _step(args: argparse.Namespace, context: Context, diagnosis: Diagnosis, remedy: Remedy) -> int:
    if remedy.kind != "variable":
        print_prose((remedy.title, "For you to do:", remedy.text, f"Risk: {remedy.risk}"))
        print_prose(_command(remedy))
        for recipe in fitting(context.case, diagnosis):
            print_prose((f"Recipe: goneaway-wizard explain {recipe.id} ({recipe.title})",))
        return exit_codes.DONE
    planned = _planned(args, context, diagnosis, remedy)
    if isinstance(planned, str):
        print_prose((remedy.title, planned))
        return exit_codes.DONE
    return confirm_and_apply(args, planned, context)
