"""A drop-in of the unit on another machine, beside a stand-in for systemd: it comes and goes."""

import subprocess
from pathlib import Path

import pytest

from tests.servers.fix_engine import program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.fixtures import client_home, start_sshd
from tests.servers.test_fix_over_ssh import operator, way_to
from tests.servers.test_fix_restart import UNIT, in_unit

__all__ = ["client_home", "operator", "start_sshd"]

pytestmark = pytest.mark.servers

DROP_IN = f"/etc/systemd/system/{UNIT}.d/zz-goneaway-wizard.conf"

# systemd does not run here: what it is asked is written down, and it knows the unit's process.
_STAND_IN = """
mkdir -p /etc/systemd/system && mount -t tmpfs none /etc/systemd/system || exit
cat >"$2.sh" <<END
#!/bin/sh
echo "\\$*" >>"$2"
case "\\$*" in *MainPID*) echo MainPID=$1 ;; show*) echo LimitNOFILE=65536 ;; esac
END
chmod 755 "$2.sh"
if program=$(command -v systemctl); then mount --bind "$2.sh" "$program"; exit; fi
mount -t tmpfs none /usr/local/sbin && cp "$2.sh" /usr/local/sbin/systemctl
"""


def test_a_drop_in_over_ssh_comes_and_goes(
    mariadb: ServerUnderTest, operator: SshDaemon, tmp_path: Path
) -> None:
    asked, way = tmp_path / "asked", way_to(mariadb, operator, tmp_path)
    asked.touch()
    asked.chmod(0o666)
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    assert operator._process is not None
    there = ["nsenter", "-t", str(operator._process.pid), "-m"]
    stand_in = [*there, "sh", "-c", _STAND_IN, "sh", str(mariadb.pid), str(asked)]
    subprocess.run(stand_in, check=True, timeout=120)
    with in_unit(mariadb.pid):
        unasked = program("fix", *way, "raise-file-limit", "--yes")
        assert unasked.code == 1, unasked.out + unasked.err
        assert "--set LimitNOFILE=VALUE names it" in unasked.err
        assert "daemon-reload" not in asked.read_text().splitlines()
        fix = ("raise-file-limit", "--set", "LimitNOFILE=65536", "--yes")
        done = program("fix", *way, *fix)
        assert done.code == 0, done.out + done.err
        written = subprocess.run([*there, "cat", DROP_IN], capture_output=True, text=True)
        assert "[Service]\nLimitNOFILE=65536\n" in written.stdout
        assert "daemon-reload" in asked.read_text().splitlines()
        undone = program("undo", *way, "--yes")
        assert undone.code == 0, undone.out + undone.err
        left = subprocess.run([*there, "ls", "-A", "/etc/systemd/system"], capture_output=True)
        assert left.stdout == b""
        assert asked.read_text().splitlines().count("daemon-reload") == 2
