"""`goneaway-wizard explain WORD`: what the knowledge base says, without any server."""

import argparse

from wizard.commands import exit_codes
from wizard.commands.terminal import print_lines, remark
from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetParser


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "explain",
        help="what the knowledge base says about a cause, error number, variable or myth",
        description="Prints what is known about a cause, an error number (2006), a server "
        "variable, a common piece of advice, a remedy or a client library; for other words, "
        "the entries that speak of them. Without a word it lists what there is.",
    )
    parser.add_argument("word", metavar="WORD", nargs="*")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0, or UsageError for words that nothing speaks of."""
    from wizard.explain import NoSuchTopic, entry, explain, lines, listed, topics

    word = " ".join(args.word).strip()
    if not word:
        print_lines(listed(topics()))
        return exit_codes.DONE
    try:
        print_lines(lines(explain(word)))
    except NoSuchTopic as nothing:
        if not nothing.matches:
            near = ", ".join(topic.id for topic in nothing.near)
            hint = f"; did you mean {near}?" if near else ""
            raise UsageError(f"nothing is known about {sanitize(word, 40)!r}{hint}") from None
        remark(f"these speak of {sanitize(word, 40)!r}")
        print_lines(line for topic in nothing.matches for line in entry(topic))
    return exit_codes.DONE
