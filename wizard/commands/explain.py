"""`goneaway-wizard explain WORD`: what the knowledge base says, without any server."""

import argparse
import sys
from collections.abc import Iterable

from wizard.safety.sanitize import sanitize
from wizard.target.flags import TargetParser
from wizard.target.resolve import UsageError


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
        _print(listed(topics()))
        return 0
    try:
        _print(lines(explain(word)))
    except NoSuchTopic as nothing:
        if not nothing.matches:
            near = ", ".join(topic.id for topic in nothing.near)
            hint = f"; did you mean {near}?" if near else ""
            raise UsageError(f"nothing is known about {sanitize(word, 40)!r}{hint}") from None
        print(f"goneaway-wizard: these speak of {sanitize(word, 40)!r}", file=sys.stderr)
        _print(line for topic in nothing.matches for line in entry(topic))
    return 0


def _print(texts: Iterable[str]) -> None:
    """On stdout; what its encoding lacks becomes `?` (LANG=C)."""
    encoding = sys.stdout.encoding or "utf-8"
    for text in texts:
        print(text.encode(encoding, "replace").decode(encoding))
