"""An account with just the privileges that the table names runs every step, on real servers."""

import json
import subprocess
import sys
from typing import Any

import pytest

from knowledge.load import needed_privileges
from tests.servers import capture_lab as lab
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

PASSWORD = "least-of-all"


def account(server: ServerUnderTest, extra: bool) -> None:
    """The account of the README, by its own statements."""
    server.sql(f"CREATE USER goneaway@localhost IDENTIFIED BY '{PASSWORD}'")
    for needed in needed_privileges():
        if server.flavor.value in needed.servers and (extra or not needed.extra):
            server.sql(f"GRANT {needed.grant} TO goneaway@localhost")


def wizard(server: ServerUnderTest, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable, "-m", "wizard.cli", *words, "-S", str(server.socket),
            "-u", "goneaway", f"--password={PASSWORD}", "--format", "json",
        ],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_every_step_and_probe_runs_with_the_diagnostic_account(server: ServerUnderTest) -> None:
    account(server, extra=False)
    server.sql("SET GLOBAL slow_query_log = 1")
    server.sql("SET GLOBAL general_log = 1")
    probes = [w for p in ("latency", "workload", "simple") for w in ("--probe", p)]
    done = wizard(server, "check", *probes)
    found: dict[str, Any] = json.loads(done.stdout)
    told = {step["id"]: (step["status"], step["reason"]) for step in found["steps"]}
    assert told.pop("symptom")[0] == "skipped"
    assert told.pop("recorder")[0] == "skipped"
    assert {status for status, _reason in told.values()} == {"done"}, told
    assert "privilege" not in str(told)


def test_a_capture_runs_with_the_extra_ones_and_not_without(server: ServerUnderTest) -> None:
    account(server, extra=False)
    refused = wizard(server, "capture", "general", "--for", "2s")
    assert refused.returncode in (1, 3)
    assert "GRANT" in refused.stderr
    server.sql("DROP USER goneaway@localhost")
    account(server, extra=True)
    before = lab.logging_state(server)
    for kind in ("general", "slow"):
        done = wizard(server, "capture", kind, "--for", "2s")
        assert done.returncode == 0, done.stderr
    assert lab.logging_state(server) == before
