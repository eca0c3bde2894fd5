"""`goneaway-wizard mcp [TARGET]`: the read-only commands for an agent, over stdio.

The Model Context Protocol, by its own SDK (the extra `[mcp]`). The operator says which server is
looked at, and with which account; the agent can choose neither, and nothing is ever changed.
"""

import argparse
import importlib.util

from wizard.commands import exit_codes
from wizard.safety.errors import UsageError
from wizard.safety.extras import install_command
from wizard.target.flags import TargetParser, add_target_arguments


def register(subparsers: "argparse._SubParsersAction[TargetParser]") -> None:
    parser = subparsers.add_parser(
        "mcp",
        help="serve the read-only commands to an agent (Model Context Protocol, stdio)",
        description="Serves check, logs, explain and report over the Model Context Protocol on "
        "standard input and output. Nothing is ever changed. The server that check looks at is "
        "the one that is named here; the agent cannot name another one.",
    )
    add_target_arguments(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Raises UsageError."""
    if args.password is not None or args.password_prompt or (args.url and args.url.raw_password):
        raise UsageError("an agent's server asks for nothing and hides no argument: use "
                         "--password-file or an option file")  # fmt: skip
    if importlib.util.find_spec("mcp") is None:
        raise UsageError(
            f"the Model Context Protocol's SDK is not installed here: {install_command('mcp')}"
        )
    from wizard.commands.mcp_server import serve

    serve(tuple(args.given))
    return exit_codes.DONE
