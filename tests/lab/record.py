"""Checks a server as an operator would, and keeps the case for the tests."""

import gzip
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from tests.lab.bench import Bench
from tests.lab.scenario import Scenario
from tests.lab.truth import keep_truth
from wizard.case import case_file
from wizard.case.case import SCHEMA_VERSION, Case
from wizard.case.json_codec import encode, map_text

RECORDS = Path(os.environ.get("GONEAWAY_LAB_RECORDS") or Path(__file__).parents[1] / "data" / "lab")
"""Elsewhere for who wants to look at a new record before every test run judges it."""
_CHECK_SECONDS = 120.0
_PLACE = "/srv/db"
_UNSTAGED = "not-staged.json"


def place_of(product: str, scenario: str) -> Path:
    return RECORDS / product / f"{scenario}.case.json.gz"


def check(place: Bench, scenario: Scenario) -> Case:
    """Run `goneaway-wizard check --save-case` with the application's log."""
    server = place.server
    saved = server.directory / "lab.case.json"
    command = [sys.executable, "-m", "wizard.cli", "check", "--format", "json"]
    command += ["--save-case", str(saved), *_target(place, scenario.user)]
    if place.since is not None:
        command += ["--since", place.since.isoformat()]
    for log in sorted({place.log.path, *place.logs}):
        if log.exists():
            command += ["--app-log", str(log)]
    done = subprocess.run(
        [*command, *place.arguments],
        capture_output=True,
        text=True,
        timeout=_CHECK_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    secrets = [secret for secret in server.passwords.values() if secret]
    assert not any(secret in done.stdout + done.stderr for secret in secrets), "a password leaked"
    assert saved.exists(), f"check said: {done.stderr}"
    text = saved.read_text(encoding="utf-8")
    assert not any(secret in text for secret in secrets), "a password is in the case"
    return case_file.load(saved)


def _target(place: Bench, user: str) -> list[str]:
    server = place.server
    password = server.directory / f"{user}.password"
    password.write_text(server.passwords[user], encoding="utf-8")
    password.chmod(0o600)
    where = ["-h", place.host, "-P", str(place.port)]
    if place.socket is not None:
        where = ["-S", str(place.socket)]
    return [*where, "-u", user, "--password-file", str(password)]


def keep(case: Case, place: Bench, path: Path) -> None:
    """Write the case without what is this machine's own; equal cases give equal files."""
    names = (
        (str(place.server.directory), _PLACE),
        (str(place.server.binary.inside(place.server.directory)), _PLACE),
        (platform.node(), "db.example.com"),
    )

    def scrub(_name: str, text: str) -> str:
        for own, public in names:
            text = text.replace(own, public)
        return text

    data = {"format": case_file.FORMAT, "schema_version": SCHEMA_VERSION}
    raw = json.dumps({**data, "case": encode(map_text(case, scrub))}, separators=(",", ":"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(raw.encode("ascii"), mtime=0))
    keep_truth(place.truth.dues, path)


def recorded(path: Path) -> Case:
    return case_file.load(path)


def scenario_of(path: Path) -> str:
    return path.name.removesuffix(".case.json.gz")


def note_unstaged(product: str, scenario: str, reason: str) -> None:
    """Remember why there is no record, unless there is one from another machine."""
    if place_of(product, scenario).exists():
        return
    path = RECORDS / product / _UNSTAGED
    known = unstaged(product)
    known[scenario] = reason
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def unstaged(product: str) -> dict[str, str]:
    """Scenarios without a record, and why."""
    path = RECORDS / product / _UNSTAGED
    noted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {str(k): str(v) for k, v in noted.items() if not place_of(product, str(k)).exists()}
