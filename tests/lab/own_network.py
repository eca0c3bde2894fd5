"""A network of our own, where the server meets clients that are not on the loopback.

The server blocks no client of 127.0.0.1, and none whose name it could not resolve (MySQL
Reference Manual, "host_cache"). In a network and mount name space of our own an address and a
name for it hurt nobody (unshare(1)).
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.lab.bench import NotHere
from wizard.demo.binaries import ServerBinary

ADDRESS = "10.77.77.1"
_NAME = "shop.example.com"
_INSIDE = "GONEAWAY_LAB_OWN_NETWORK"
_SECONDS = 300.0


def is_inside() -> bool:
    return os.environ.get(_INSIDE) == "1"


def run_inside(*words: str) -> None:
    """`python -m tests.lab` with these words, in a network of its own. Raises NotHere."""
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.lab", *words]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, _INSIDE: "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        raise NotHere(f"no network of its own: {error}") from None
    if done.returncode not in (0, 1):
        raise NotHere(f"no network of its own: {done.stderr.strip()[-200:]}")


def prepare(binary: ServerBinary, directory: Path) -> None:
    """Inside: give the loopback device the address, and the address a name."""
    hosts = directory / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{ADDRESS} {_NAME}\n", encoding="utf-8")
    seen = {Path("/etc/hosts"), binary.root / "etc" / "hosts"}
    for place in seen:
        place.touch()
    for command in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "replace", f"{ADDRESS}/32", "dev", "lo"],
        *(["mount", "--bind", str(hosts), str(place)] for place in sorted(seen)),
    ):
        subprocess.run(command, check=True, capture_output=True, timeout=10)
