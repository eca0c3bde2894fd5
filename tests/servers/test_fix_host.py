"""Kernel settings on a kernel of one's own (a network namespace), and root's files over SSH."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.servers.fix_engine import Engine
from tests.servers.harness.requirement import unavailable
from tests.servers.harness.server import ServerUnderTest
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from wizard.hosts.protocol import ByteEdit, FileChanged
from wizard.hosts.remote.host import SshHost
from wizard.remedies.journal_entry import ChangeState

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers

_FIX_AND_UNDO = """
mount -t tmpfs none /etc/sysctl.d
time=/proc/sys/net/ipv4/tcp_keepalive_time
cat $time
"$@" fix keep-idle-flows-alive -S "$socket" -u admin --password-file "$password" \\
  --set net.ipv4.tcp_keepalive_time=100 --yes || exit
cat $time
cat /etc/sysctl.d/*
"$@" undo -S "$socket" -u admin --password-file "$password" --yes || exit
cat $time
ls -A /etc/sysctl.d
"""


def test_keepalive_is_set_kept_and_taken_back(mariadb: ServerUnderTest, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        unavailable("root, for a network namespace")
    password = tmp_path / "password"
    password.write_text(mariadb.passwords["admin"])
    wizard = (sys.executable, "-m", "wizard.cli")
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", _FIX_AND_UNDO,
         "sh", *wizard],
        env={**os.environ, "socket": str(mariadb.socket), "password": str(password)},
        capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    before = lines[0]
    assert before != "100"
    assert f"net.ipv4.tcp_keepalive_time: {before} -> 100" in done.stdout
    assert "Changed, not proven" in done.stdout
    assert "net.ipv4.tcp_keepalive_time = 100" in lines
    assert lines[-1] == before
    (entry,) = Engine(mariadb).journal.entries()
    assert entry.state is ChangeState.UNDONE
    assert "tcp_keepalive_time" in entry.summary


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_roots_files_over_ssh(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    daemon = start_sshd(
        authorized=(client_home.key(),), sudoers=f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n"
    )
    client_home.knows(daemon)
    host = SshHost(client_home.link(daemon, OPERATOR))
    assert host.run_as_root(["id", "-u"], 20.0).stdout.strip() == "0"
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)
    folder = tmp_path / "mariadb.service.d"
    path, block = folder / "zz.conf", b"[Service]\nRestart=on-failure\n"
    host.edit_file(ByteEdit(str(path), None, digest(block), added=block))
    assert path.read_bytes() == block
    assert (folder.stat().st_uid, path.stat().st_mode & 0o777) == (0, 0o644)
    path.chmod(0o640)
    more = b"Nice=0\n$(touch /tmp/never) `x` 'q'\n"
    host.edit_file(ByteEdit(str(path), digest(block), digest(block + more), added=more))
    assert path.read_bytes() == block + more
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(FileChanged):
        host.edit_file(ByteEdit(str(path), digest(block), None))
    (folder / ".zz.conf.0123abcd").touch()
    after = block[:-5] + more
    cut = ByteEdit(
        str(path), digest(block + more), digest(after), start=len(block) - 5, end=len(block)
    )
    host.edit_file(cut)
    assert path.read_bytes() == after
    assert sorted(p.name for p in folder.iterdir()) == ["zz.conf"]
    host.edit_file(ByteEdit(str(path), digest(after), None))
    assert not folder.exists()
    host.close()
