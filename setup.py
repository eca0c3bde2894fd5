"""Adds the man page and the shells' completions, made from the argument parser, to the wheel."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
MADE = Path("build", "shell")
PLACES = {
    "bash": "share/bash-completion/completions/goneaway-wizard",
    "zsh": "share/zsh/site-functions/_goneaway-wizard",
    "fish": "share/fish/vendor_completions.d/goneaway-wizard.fish",
    "man": "share/man/man1/goneaway-wizard.1",
}
"""Below the prefix that the wheel is installed in, where each program looks."""

FILES = ("FILE", "PATH", "CASE", "INVENTORY")
"""What an argument is called that names a file."""


def all_actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from all_actions(command)


def shell_files() -> dict[str, str]:
    """The man page and a completion for each shell, as text."""
    import shtab
    from argparse_manpage.manpage import Manpage

    from wizard import __version__
    from wizard.cli import DESCRIPTION, whole_parser

    parser = whole_parser()
    data = {
        "project_name": parser.prog,
        "version": __version__,
        "manual_title": "User Commands",
        "description": DESCRIPTION.rstrip("."),
    }
    page = str(Manpage(parser, data, format="single-commands-section"))
    for action in all_actions(parser):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    completions = {shell: shtab.complete(parser, shell=shell) for shell in PLACES if shell != "man"}
    return {**completions, "man": page}


class BuildWithShellFiles(build_py):
    """Makes the files before they are collected; an editable install has no use for them."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        sys.path.insert(0, str(HERE))
        for kind, text in shell_files().items():
            place = HERE / MADE / PLACES[kind]
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    setup(
        cmdclass={"build_py": BuildWithShellFiles},
        data_files=[(str(Path(place).parent), [str(MADE / place)]) for place in PLACES.values()],
    )
