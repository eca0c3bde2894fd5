"""`goneaway-wizard fix REMEDY`: preview, apply, prove.

Exit codes: 0 applied and proven, or previewed, or nothing to do; 1 failed or not proven;
2 wrong usage; 3 the server could not be reached.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from knowledge.load import load
from knowledge.model import Remedy
from wizard.commands import exit_codes
from wizard.commands.positional import add_words, own_word
from wizard.commands.terminal import ask_password, ask_question, choose_server, print_lines, remark
from wizard.investigation.begin import begin_with
from wizard.remedies.wanted import wanted_values
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.server.session import CannotConnect, ServerError
from wizard.target.flags import TargetParser, add_target_arguments, target_arguments

if TYPE_CHECKING:
    from wizard.diagnosis.model import Diagnosis
    from wizard.remedies.plan import Plan
    from wizard.steps.step import Context


def register(subparsers: argparse._SubParsersAction[TargetParser]) -> None:
    parser = subparsers.add_parser(
        "fix",
        help="apply a remedy, with a preview, a proof and an undo",
        usage="%(prog)s [TARGET] REMEDY [--set VARIABLE=VALUE]... [--persist] [--dry-run] [--yes]",
        description="Shows what a remedy would change. With --yes, or after a confirmation on a "
        "terminal, makes the change and proves it. --set takes the remedy's variable, or any "
        "other that can be changed while the server runs. Exit code: 0 done or previewed, "
        "1 failed or not proven, 2 wrong usage, 3 the server could not be reached.",
    )
    add_words(parser, "REMEDY", f"one of: {', '.join(sorted(load().remedies))}")
    add_target_arguments(parser)
    parser.add_argument("--set", action="append", default=[], metavar="VARIABLE=VALUE",
                        dest="values", help="this value instead of the proposed one")  # fmt: skip
    parser.add_argument("--persist", action="store_true", help="keep it across a restart")
    parser.add_argument("--dry-run", action="store_true", help="only show it")
    parser.add_argument("--yes", action="store_true", help="apply it without asking")
    parser.set_defaults(run=lambda args: run(args, own_word(parser, args)))


def run(args: argparse.Namespace, word: str | None) -> int:
    remedy = _remedy(word)
    wanted = wanted_values(args.values)
    if remedy.kind != "variable":
        if wanted or args.persist:
            raise UsageError(f"{remedy.id} sets no variable: it is for you to do")
        print_lines(
            (remedy.title, "", remedy.text, f"Risk: {remedy.risk}", f"Proof: {remedy.verify}")
        )
        return exit_codes.DONE
    return _fix(args, remedy, wanted)


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


def _fix(args: argparse.Namespace, remedy: Remedy, wanted: dict[str, str]) -> int:
    from wizard.diagnosis.diagnose import diagnose
    from wizard.remedies.in_vain import warnings
    from wizard.remedies.plan import NothingToDo, PlanError
    from wizard.remedies.session import prepare

    arguments = target_arguments(args)
    for warning in arguments.warnings:
        remark(warning)
    investigation = begin_with(
        arguments, ask_password(), remark, choose_server, ask_question()
    ).begin()
    context = investigation.context
    diagnosis: Diagnosis | None = None
    try:
        if not wanted:
            remark("looking at the server first, to propose a value")
            investigation.run()
            diagnosis = diagnose(context.case)
        planned = prepare(context, remedy, wanted, args.persist, diagnosis)
        return _confirm_and_apply(args, planned, context)
    except NothingToDo as nothing:
        remark(str(nothing))
        return exit_codes.DONE
    except PlanError as error:
        if error.usage:
            raise UsageError(str(error)) from None
        for text in (str(error), *warnings(remedy, diagnosis)):
            remark(text)
        return exit_codes.NOT_DONE
    except ServerError as error:
        remark(operator_line(error))
        unreached = isinstance(error, CannotConnect)
        return exit_codes.UNREACHABLE if unreached else exit_codes.NOT_DONE
    finally:
        investigation.close()


def _confirm_and_apply(args: argparse.Namespace, planned: Plan, context: Context) -> int:
    from wizard.remedies.preview import lines

    print_lines(lines(planned))
    if args.dry_run:
        remark("nothing was changed (--dry-run)")
        return exit_codes.DONE
    if not args.yes and not confirmed("apply", "make this change"):
        remark("nothing was changed; --yes applies it without asking")
        return exit_codes.DONE
    return _apply(planned, context)


def _apply(planned: Plan, context: Context) -> int:
    from wizard.remedies.journal import Journal, JournalError
    from wizard.remedies.session import carry_out, prove

    journal = Journal.default()
    tell = remark if sys.stderr.isatty() else (lambda _text: None)
    try:
        applied = carry_out(context, planned, journal, tell)
        print_lines(("", "Applied" if applied.ok else "Not applied", *_bullets(applied.lines)))
        if not applied.ok:
            return exit_codes.NOT_DONE
        remark(f"take it back with: goneaway-wizard undo {applied.entry.id}")
        verified = prove(context, applied, journal, tell)
    except JournalError as error:
        remark(str(error))
        return exit_codes.NOT_DONE
    print_lines(("", "Proven" if verified.ok else "NOT proven", *_bullets(verified.lines)))
    return exit_codes.DONE if verified.ok else exit_codes.NOT_DONE


def confirmed(word: str, purpose: str) -> bool:
    """Whether the operator types `word`; never where there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print(f"Type '{word}' to {purpose}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() == word


def _bullets(texts: Iterable[str]) -> Iterable[str]:
    return (f"- {text}" for text in texts)
