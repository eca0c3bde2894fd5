"""Positional words of a command that takes a URL and a word of its own, in either order."""

import argparse

from wizard.target.flags import TargetParser, add_target_arguments


def add_words(parser: TargetParser, name: str, description: str) -> None:
    """Take the words into `args.words`. To be called before `add_target_arguments`, whose own
    URL would otherwise swallow the word."""
    parser.add_argument("words", nargs="*", metavar=name, help=description)


def own_word(parser: TargetParser, args: argparse.Namespace) -> str | None:
    """The one word that is no URL, or None; a URL goes where `target_arguments` looks for it.
    Ends with the usage (exit code 2) where there are too many words."""
    urls = [w for w in args.words if "://" in w]
    others = [w for w in args.words if "://" not in w]
    if len(urls) > 1 or len(others) > 1:
        parser.error(f"too many words: {' '.join(w for w in others[:3])}")
    if urls:
        scratch = TargetParser(prog=parser.prog)
        add_target_arguments(scratch)
        args.url = scratch.parse_args(urls).url
    return others[0] if others else None
