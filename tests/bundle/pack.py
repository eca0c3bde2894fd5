"""`python -m tests.bundle.pack`: the whole program in one file, dist/goneaway-wizard.pyz.

PEX packs the wheels of every platform into it and picks those that fit when it runs
(<https://docs.pex-tool.org>, "--complete-platform"). It unpacks itself once into ~/.cache/pex.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.tags import compatible_tags, cpython_tags

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "dist" / "goneaway-wizard.pyz"
WORK = ROOT / "build" / "bundle"

MINORS = (11, 12, 13, 14)
MACHINES = ("x86_64", "aarch64")
GLIBC = (*(f"manylinux_2_{minor}" for minor in range(28, 16, -1)), "manylinux2014")
"""glibc 2.28 is of 2018: every distribution that has a Python 3.11 is younger (PEP 600)."""

MUSL = ("musllinux_1_2", "musllinux_1_1")


@dataclass(frozen=True, slots=True)
class Platform:
    """One interpreter on one kind of machine. `libc` are its wheels' tags, the newest first."""

    minor: int
    machine: str
    libc: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"cp3{self.minor}-{self.libc[0]}_{self.machine}"

    def tags(self) -> Iterator[str]:
        """The wheels that it takes, the best first (PEP 425)."""
        systems = [f"{libc}_{self.machine}" for libc in self.libc] + [f"linux_{self.machine}"]
        version, interpreter = (3, self.minor), f"cp3{self.minor}"
        yield from map(str, cpython_tags(version, [interpreter], systems))
        yield from map(str, compatible_tags(version, interpreter, systems))

    def description(self) -> str:
        """What PEX wants to know of a platform that it does not run on."""
        markers = {
            "implementation_name": "cpython",
            "implementation_version": f"3.{self.minor}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            "python_full_version": f"3.{self.minor}.0",
            "python_version": f"3.{self.minor}",
            "sys_platform": "linux",
        }
        return json.dumps({"marker_environment": markers, "compatible_tags": list(self.tags())})


PLATFORMS = tuple(
    Platform(minor, machine, libc)
    for minor in MINORS
    for libc in (GLIBC, MUSL)
    for machine in MACHINES
)


def own_wheel(place: Path) -> Path:
    """The program's own wheel, built anew in `place`; setuptools would keep what is gone."""
    for left in (place, ROOT / "build" / "lib"):
        shutil.rmtree(left, ignore_errors=True)
    place.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(place), str(ROOT)], check=True)
    (wheel,) = place.glob("*.whl")
    return wheel


def pack(wheel: Path, output: Path, sources: Sequence[str]) -> None:
    """Make the file. `sources` are PEX's options that say where dependencies come from.

    It runs as a virtual environment in its cache: what starts `sys.executable -m wizard` finds it.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "pex", str(wheel), *sources, "--script", "goneaway-wizard",
        "--venv", "prepend", "--sh-boot", "--python-shebang", "/usr/bin/env python3",
        "--output-file", str(output),
    ]  # fmt: skip
    subprocess.run(command, check=True)


def for_every_platform(place: Path) -> list[str]:
    """Wheels from the package index, of the versions that the tests ran with."""
    options = ["--use-pip-config", "--no-build", "--constraints", str(ROOT / "constraints.txt")]
    for platform in PLATFORMS:
        described = place / f"{platform.name}.json"
        described.write_text(platform.description(), encoding="ascii")
        options += ["--complete-platform", str(described)]
    return options


if __name__ == "__main__":
    built = own_wheel(WORK)
    pack(built, BUNDLE, for_every_platform(WORK))
    print(f"{BUNDLE.relative_to(ROOT)}  {BUNDLE.stat().st_size / 1e6:.0f} MB")
