"""`fix` of the database host: kernel settings and the service's unit, with preview and undo."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from knowledge.model import Remedy
from wizard.commands import exit_codes
from wizard.commands.fix_apply import offer_restart
from wizard.commands.plan_words import with_wants
from wizard.commands.terminal import columns, confirmed, print_prose, remark
from wizard.remedies.offers import is_founded
from wizard.remedies.plan import PlanError
from wizard.remedies.preview import host_lines
from wizard.remedies.proof_lines import WIDE, told
from wizard.safety.operator_line import operator_line

if TYPE_CHECKING:
    from wizard.investigation.run import Investigation
    from wizard.remedies.host_plan import HostPlan


def fix_host(
    args: argparse.Namespace,
    remedy: Remedy,
    wanted: Mapping[str, str],
    investigation: Investigation,
) -> int:
    """Where the host cannot be changed, the remedy's own text is the answer."""
    from wizard.hosts.protocol import HostError
    from wizard.remedies.on_host import prepare_host

    remark("looking at the server first")
    diagnosis = investigation.run()
    context = investigation.context
    try:
        planned = prepare_host(context, remedy, wanted)
    except (PlanError, HostError) as error:
        if isinstance(error, PlanError) and error.usage:
            raise
        print_prose((remedy.title, "For you to do:", remedy.text, f"Risk: {remedy.risk}"))
        why = with_wants(error) if isinstance(error, PlanError) else operator_line(error)
        remark(f"the wizard does not do it here: {why}")
        return exit_codes.NOT_DONE if args.yes else exit_codes.DONE
    print_prose(host_lines(planned))
    if args.dry_run:
        remark("nothing was changed (--dry-run)")
        return exit_codes.DONE
    if args.yes and planned.record.unit and not (wanted or is_founded(remedy, diagnosis)):
        named = f"--set {planned.record.lines[0][0]}=VALUE names it"
        remark(f"nothing was changed: nothing that was seen asks for it; {named}")
        return exit_codes.NOT_DONE
    if not args.yes and not confirmed("apply", "make this change"):
        remark("nothing was changed; --yes applies it without asking")
        return exit_codes.DONE
    return _apply(args, planned, investigation)


def _apply(args: argparse.Namespace, planned: HostPlan, investigation: Investigation) -> int:
    from wizard.hosts.protocol import HostError
    from wizard.remedies.journal import Journal, JournalError
    from wizard.remedies.on_host import carry_out_on_host, prove_on_host

    journal = Journal.default()
    tell = remark if sys.stderr.isatty() else (lambda _text: None)
    context = investigation.context
    try:
        applied = carry_out_on_host(context, planned, journal, tell)
        print_prose(("", "Applied" if applied.ok else "Not applied"))
        print_prose(f"- {line}" for line in applied.lines)
        if not applied.ok:
            return exit_codes.NOT_DONE
        remark(f"take it back with: goneaway-wizard undo {applied.entry.id}")
        verified = prove_on_host(context, applied, journal)
    except (JournalError, HostError) as error:
        remark(operator_line(error))
        return exit_codes.NOT_DONE
    print_prose(("", *told(verified, columns() or WIDE)))
    if not verified.ok:
        return exit_codes.NOT_DONE
    has_unit = bool(planned.record.unit)
    return (
        offer_restart(args, context, applied.entry)
        if args.restart and has_unit
        else exit_codes.DONE
    )
