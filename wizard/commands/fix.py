"""`goneaway-wizard fix`: propose, preview, apply, prove, follow, hand on.

Exit codes: 0 applied and nothing spoke against it, or previewed, or nothing to do; 1 failed or
made no difference; 2 wrong usage; 3 the server could not be reached.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from knowledge.load import load
from knowledge.model import Remedy
from wizard.commands import exit_codes
from wizard.commands.plan_words import with_wants
from wizard.commands.positional import add_words, own_word
from wizard.commands.terminal import (
    ask_password,
    ask_question,
    choose_server,
    print_lines,
    print_prose,
    remark,
)
from wizard.investigation.begin import begin_with
from wizard.remedies.doable import ACTIONS, HOST_REMEDIES, LAST_SESSION, HandOn
from wizard.remedies.wanted import wanted_values
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.server.session import CannotConnect, ServerError
from wizard.target.flags import (
    TargetParser,
    add_target_arguments,
    given_path,
    target_arguments,
)
from wizard.units import parse_duration, whole_number

if TYPE_CHECKING:
    from wizard.diagnosis.model import Diagnosis
    from wizard.investigation.run import Investigation

AUTO = "auto"
"""The word for the whole plan of the leading cause."""


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "fix",
        help="propose and apply remedies, with a preview, a proof and an undo",
        usage="%(prog)s [TARGET] [REMEDY|auto] [--set VARIABLE=VALUE]... [--persist] [--dry-run]"
        " [--yes]",
        description="Without a remedy, lists those for what was found, in order. With one, shows "
        "what it would change; `auto` takes those of the leading cause. With --yes, or after a "
        "confirmation on a terminal, makes the change and proves it. --set takes the remedy's "
        "variable, or any other that can be changed while the server runs. Exit code: 0 done or "
        "shown, 1 failed or made no difference, 2 wrong usage, 3 the server could not be reached.",
    )
    add_words(parser, "REMEDY", f"auto, or one of: {', '.join(sorted(load().remedies))}")
    add_target_arguments(parser)
    parser.add_argument("--set", action="append", default=[], metavar="VARIABLE=VALUE",
                        dest="values", help="this value instead of the proposed one")  # fmt: skip
    parser.add_argument("--persist", action="store_true", help="keep it across a restart")
    parser.add_argument("--dry-run", action="store_true", help="only show it")
    parser.add_argument("--yes", action="store_true",
                        help="do not ask (needs a reason that was seen)")  # fmt: skip
    parser.add_argument("--restart", action="store_true",
                        help="afterwards restart the server, on a question of its own")  # fmt: skip
    parser.add_argument("--as", dest="form", metavar="FORM", choices=_forms(),
                        help=f"print the change to hand on: {', '.join(_forms())}")  # fmt: skip
    parser.add_argument("--handout", type=given_path, metavar="FILE",
                        help="write what the application has to set, as Markdown")  # fmt: skip
    parser.add_argument("--end", action="append", default=[], type=_number, metavar="ID",
                        dest="ends", help="free-slots: a session to end (repeatable)")  # fmt: skip
    parser.add_argument("--follow", metavar="ID",
                        help="watch whether the failure comes again after a change")  # fmt: skip
    parser.add_argument("--every", type=_duration, default=60.0, metavar="TIME",
                        help="with --follow: how often to look (default: 60s)")  # fmt: skip
    parser.add_argument("--for", dest="seconds", type=_duration, metavar="TIME",
                        help="with --follow: how long (default: look once)")  # fmt: skip
    parser.set_defaults(run=lambda args: run(args, own_word(parser, args)))


def _forms() -> list[str]:
    return [form.value for form in HandOn]


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _number(text: str) -> int:
    number = whole_number(text, LAST_SESSION)
    if number is None:
        raise argparse.ArgumentTypeError(
            f"{text[:20]!r} is no session's number, as fix free-slots lists it"
        )
    return number


def run(args: argparse.Namespace, word: str | None) -> int:

    if args.follow is not None:
        from wizard.commands.fix_follow import follow

        return follow(args)
    wanted = wanted_values(args.values)
    if word in (None, AUTO):
        if wanted:
            raise UsageError("--set goes with a remedy: name one")
        return _with_server(args, lambda it: _propose(args, it, word), remedy=None)
    if args.handout is not None:
        raise UsageError("--handout goes without a remedy, or with auto")
    remedy = _remedy(word)
    if args.ends and remedy.id != "free-slots":
        raise UsageError("--end goes with free-slots")
    if remedy.kind == "variable":
        return _with_server(args, lambda it: _fix(args, remedy, wanted, it), remedy)
    if args.persist or (wanted and remedy.id not in HOST_REMEDIES):
        raise UsageError(f"{remedy.id} sets no variable: it is for you to do")
    if remedy.id not in ACTIONS | HOST_REMEDIES:
        print_prose(_text_of(remedy))
        return exit_codes.DONE
    try:
        return _with_server(args, lambda it: _beside_variables(args, remedy, wanted, it), remedy)
    except UsageError as no_server:
        if args.yes or args.ends or wanted:
            raise
        print_prose(_text_of(remedy))
        remark(str(no_server))
        return exit_codes.DONE


def _beside_variables(
    args: argparse.Namespace, remedy: Remedy, wanted: dict[str, str], investigation: Investigation
) -> int:
    """What is done at once, or on the database host."""
    from wizard.commands.fix_actions import act
    from wizard.commands.fix_host import fix_host

    if remedy.id in ACTIONS:
        return act(args, remedy, investigation)
    return fix_host(args, remedy, wanted, investigation)


def _text_of(remedy: Remedy) -> tuple[str, ...]:
    return (
        remedy.title, "", remedy.text, f"Risk: {remedy.risk}", f"Proof: {remedy.verify}",
    )  # fmt: skip


def _remedy(word: str | None) -> Remedy:
    remedies = load().remedies
    if word is None:
        raise UsageError(f"which remedy? {_ours(remedies)}")
    if word not in remedies:
        close = difflib.get_close_matches(word, remedies, 3)
        hint = f"did you mean {', '.join(close)}?" if close else _ours(remedies)
        raise UsageError(f"there is no remedy {word[:64]!r}; {hint}")
    return remedies[word]


def _ours(remedies: Mapping[str, Remedy]) -> str:
    """The remedies that the wizard itself can apply; `explain` knows the others."""
    names = sorted(r.id for r in remedies.values() if r.kind == "variable")
    return f"it can apply: {', '.join(names)}"


def _with_server(
    args: argparse.Namespace, work: Callable[[Investigation], int], remedy: Remedy | None
) -> int:
    """Do `work` with an investigation that has run no step yet, and close it."""
    from wizard.diagnosis.diagnose import diagnose
    from wizard.remedies.in_vain import warnings
    from wizard.remedies.plan import NothingToDo, PlanError

    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    investigation = begin_with(
        arguments, ask_password(), remark, choose_server, ask_question()
    ).begin()
    try:
        return work(investigation)
    except NothingToDo as nothing:
        remark(str(nothing))
        return exit_codes.DONE
    except PlanError as error:
        if error.usage:
            raise UsageError(str(error)) from None
        case = investigation.context.case
        seen = diagnose(case) if case.steps else None
        told = warnings(remedy, seen) if remedy is not None else ()
        for text in (with_wants(error), *told):
            remark(text)
        return exit_codes.NOT_DONE
    except ServerError as error:
        remark(operator_line(error))
        unreached = isinstance(error, CannotConnect)
        return exit_codes.UNREACHABLE if unreached else exit_codes.NOT_DONE
    finally:
        investigation.close()


def _fix(
    args: argparse.Namespace, remedy: Remedy, wanted: dict[str, str], investigation: Investigation
) -> int:
    from wizard.commands.fix_apply import confirm_and_apply
    from wizard.remedies.hand_on import handed
    from wizard.remedies.session import prepare

    diagnosis: Diagnosis | None = None
    if not wanted:
        remark("looking at the server first, to propose a value")
        diagnosis = investigation.run()
    planned = prepare(investigation.context, remedy, wanted, args.persist, diagnosis)
    if args.form is not None:
        print_lines(handed(planned, HandOn(args.form)))
        return exit_codes.DONE
    return confirm_and_apply(args, planned, investigation.context)


def _propose(args: argparse.Namespace, investigation: Investigation, word: str | None) -> int:
    from wizard.commands.fix_proposals import proposals, whole_plan, write_handout

    remark("looking at the server first")
    diagnosis = investigation.run()
    if args.handout is not None:
        write_handout(args.handout, investigation.context, diagnosis)
        if word is None:
            return exit_codes.DONE
    if word == AUTO:
        return whole_plan(args, investigation.context, diagnosis)
    return proposals(args, investigation.context, diagnosis)
