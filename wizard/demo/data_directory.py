"""Makes a server's data directory: the system tables, and nobody but root@localhost."""

import subprocess
from pathlib import Path

from wizard.demo.binaries import Flavor, NoServerInstalled, ServerBinary
from wizard.demo.last_words import last_words

_SECONDS = 120.0


def initialise(binary: ServerBinary, option_file: Path) -> None:
    """Fill the (absent or empty) data directory that `option_file` names.

    What the program says goes to `initialise.log` beside the option file. Raises NoServer.
    """
    log = option_file.with_name("initialise.log")
    defaults = f"--defaults-file={binary.inside(option_file)}"
    if binary.flavor is Flavor.MARIADB:
        command = binary.command(
            _install_program(binary),
            defaults,
            "--force",  # also where the host has no name that resolves
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        )
    else:
        command = binary.command(
            binary.path, defaults, "--initialize-insecure", f"--log-error={binary.inside(log)}"
        )
    try:
        with log.open("wb") as output:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=option_file.parent,
                timeout=_SECONDS,
                check=True,
            )
    except (OSError, subprocess.SubprocessError) as error:
        reason = last_words(log, option_file.with_name("error.log"))
        raise NoServerInstalled(f"no data directory could be made: {reason or error}") from None


def _install_program(binary: ServerBinary) -> Path:
    """mariadb-install-db lies beside the server or in the bin directory next to it."""
    for directory in (binary.path.parent, binary.path.parent.parent / "bin", Path("/usr/bin")):
        for name in ("mariadb-install-db", "mysql_install_db"):
            program = directory / name
            if (binary.root / program.relative_to("/")).exists():
                return program
    raise NoServerInstalled("mariadb-install-db is not installed here")
