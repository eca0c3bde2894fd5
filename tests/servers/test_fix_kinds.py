"""One fault of each kind that is quickly staged: there, mended, gone, undone, there again.

`python -m tests.servers.restage` does it with every remedy, on every server, over restarts.
"""

from pathlib import Path

import pytest

from tests.servers import restage_faults
from tests.servers.conftest import SharedServers
from tests.servers.fix_engine import command
from tests.servers.restage_faults import Fault

pytestmark = pytest.mark.servers

QUICK = {
    "raise-max-connections": "mariadb",
    "leave-offline-mode": "mysql",
}


def fault_of(remedy: str, flavor: str) -> Fault:
    return next(
        fault
        for fault in restage_faults.VARIABLES
        if fault.remedy == remedy and fault.flavor in ("", flavor)
    )


@pytest.mark.parametrize("remedy", QUICK)
def test_a_fault_is_mended_and_comes_back(
    remedy: str, shared_servers: SharedServers, tmp_path: Path
) -> None:
    server, fault = shared_servers(QUICK[remedy]), fault_of(remedy, QUICK[remedy])
    for name, value in fault.settings.items():
        server.set_global(name, value)
    assert fault.shows(server)
    done = command(server, tmp_path, "fix", *fault.fix, "--yes")
    assert done.code == 0, done.out + done.err
    assert not fault.shows(server)
    undone = command(server, tmp_path, "undo", "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert fault.shows(server)
