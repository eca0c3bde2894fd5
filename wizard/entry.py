"""Where the installed program begins: Ctrl-C while it is still being loaded is no traceback."""

_INTERRUPTED = 130
"""As `commands.exit_codes`, which is not loaded yet."""


def main() -> int:
    """Run the program; returns the exit code."""
    try:
        from wizard.cli import main as run
    except KeyboardInterrupt:
        return _INTERRUPTED
    return run()
