"""What stands in Python's place on a host may hang: the log is then read from here, and soon."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from tests.servers.sshd.pythons import commands
from wizard.case.case import Window
from wizard.hosts.remote import python_there
from wizard.logs.error.read_log import read_file

__all__ = ["client_home", "start_sshd"]

NOW = datetime.now(UTC)
LINE = (
    f"{NOW:%Y-%m-%d %H:%M:%S} 7 [Warning] Aborted connection 7 to db: 'shop' user: 'app' "
    "host: '10.0.0.7' (Got timeout reading communication packets)\n"
)


def test_a_python_that_never_begins_is_not_waited_for_twice(
    client_home: ClientHome,
    start_sshd: StartSshd,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (shim := tmp_path / "shim").write_text("#!/bin/sh\nexec sleep 900\n")
    shim.chmod(0o755)
    path = commands(tmp_path / "bin", str(shim))
    daemon = start_sshd(options={"SetEnv": f"PATH={path}"}, authorized=(client_home.key(),))
    client_home.knows(daemon)
    host = client_home.host(daemon)
    monkeypatch.setattr(python_there, "BEGINS", 3.0)
    (log := tmp_path / "error.log").write_text(LINE)
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    first = read_file(host, str(log), window, UTC)
    began = time.monotonic()
    second = read_file(host, str(log), window, UTC)
    assert [sum(t.count for t in one.scan.tallies) for one in (first, second)] == [1, 1]
    assert any("did not begin within 3 s" in remark for remark in first.remarks), first.remarks
    assert second.remarks == ()
    assert time.monotonic() - began < python_there.SECONDS / 2
    host.close()
