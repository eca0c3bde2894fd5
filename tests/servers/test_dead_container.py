"""A server that died in a container: its runtime still keeps what it wrote.

A stand-in answers for docker, as no engine runs here; the server and its log are real.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest

pytestmark = pytest.mark.servers

ID = "4f2a" * 16
_STAND_IN = """#!/bin/sh
case $1 in
ps) echo {id} ;;
inspect) cat {place}/state ;;
logs) cat {place}/log ;;
*) exit 2 ;;
esac
"""


def test_its_log_tells_why_it_is_gone(
    server: ServerUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.segv()
    ended = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    state = json.dumps({"Status": "exited", "ExitCode": 139, "FinishedAt": ended})
    (tmp_path / "state").write_text(f"{ID}\t/db\tmariadb:11\t0\tno\t{state}\n")
    server.error_log.rename(tmp_path / "log")
    (script := tmp_path / "docker").write_text(_STAND_IN.format(id=ID, place=tmp_path))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    run = check(server)
    assert run.first == ("server-crash", "confirmed"), run.told()
    assert run.exit_code == 1
