"""sudo that wants a password, by a real sudo in the mount namespace of a real sshd."""

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from tests.servers.conftest import StartServer
from tests.servers.sshd.client import ClientHome, ScriptedPrompt
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from wizard.case.case import Window
from wizard.hosts.local.host import LocalHost
from wizard.hosts.protocol import ByteEdit, NotPermitted
from wizard.hosts.remote.host import SshHost
from wizard.logs.error.read_log import read_file

__all__ = ["client_home", "start_sshd"]

PASSWORD = 'a horse\'s $PATH \\ "battery"'
ALL = f"{OPERATOR} ALL=(ALL) ALL\n"

StartWith = Callable[..., SshDaemon]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A log that only root may read, in a directory that others may not search."""
    directory = tmp_path / "mysql"
    directory.mkdir(mode=0o700)
    log = directory / "error.log"
    log.write_bytes(b"x" * 100_000 + b"the end")
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return log


@pytest.fixture
def start(client_home: ClientHome, start_sshd: StartSshd) -> StartWith:
    key = client_home.key()

    def with_rules(sudoers: str = ALL) -> SshDaemon:
        daemon = start_sshd(authorized=(key,), password=PASSWORD, sudoers=sudoers)
        client_home.knows(daemon)
        return daemon

    return with_rules


def _host(home: ClientHome, daemon: SshDaemon, *answers: str) -> tuple[SshHost, ScriptedPrompt]:
    prompt = ScriptedPrompt(answers)
    return SshHost(home.link(daemon, OPERATOR, prompt)), prompt


def _refusals(daemon: SshDaemon) -> int:
    if not daemon.sudo_log.exists():
        return 0
    text = daemon.sudo_log.read_text(encoding="utf-8")
    return text.count("password is required") + text.count("incorrect password")


@pytest.mark.parametrize("lecture", ["always", "never"])
def test_the_password_is_asked_once_and_kept(
    client_home: ClientHome, start: StartWith, secret: Path, lecture: str
) -> None:
    daemon = start(f"Defaults lecture={lecture}, timestamp_timeout=0\n{ALL}")
    host, prompt = _host(client_home, daemon, PASSWORD)
    assert host.read(secret, 99_998, 100) == b"xxthe end"
    assert host.read(secret, 0, 3) == b"xxx"
    assert host.stat(secret).size == 100_007
    assert host.list_dir(secret.parent) == ("error.log",)
    assert len(prompt.asked) == 1
    assert prompt.asked[0].secret
    assert f"{OPERATOR}@127.0.0.1" in prompt.asked[0].text
    assert "sudo" in prompt.asked[0].text
    daemon.cut()
    limit = time.monotonic() + 60.0
    while host.link.is_up:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert host.read(secret, 0, 3) == b"xxx"
    assert len(prompt.asked) == 1
    assert _refusals(daemon) == 1, "the first try, without a password"
    for kept in (daemon.sudo_log, daemon.directory / "sshd.log"):
        assert PASSWORD not in kept.read_text(encoding="utf-8")
    assert PASSWORD not in repr(vars(host)) + repr(vars(host._asking.sudo))
    host.close()


def test_a_file_is_edited_with_the_password(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    """Asked for once, also where sudo itself forgets it at once."""
    daemon = start(f"Defaults timestamp_timeout=0\n{ALL}")
    host, prompt = _host(client_home, daemon, PASSWORD)
    path, block = secret.parent / "zz.cnf", b"[mysqld]\nwait_timeout = 600\n"
    digest = sha256(block).hexdigest()
    host.edit_file(ByteEdit(str(path), None, digest, added=block))
    assert path.read_bytes() == block
    assert path.stat().st_uid == 0
    host.edit_file(ByteEdit(str(path), digest, None))
    assert not path.exists()
    assert len(prompt.asked) == 1
    assert PASSWORD not in daemon.sudo_log.read_text(encoding="utf-8")
    host.close()


def test_it_stays_out_of_every_argument_list(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    """The command that sudo runs looks at all of them, its own parents' too."""
    look = secret.parent.parent / "look"
    look.write_text(
        "#!/bin/sh\nfor p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; "
        "tr '\\0' ' ' <$p/environ; done >>" + f'{look}.seen 2>/dev/null\nexec /usr/bin/stat "$@"\n'
    )
    look.chmod(0o755)
    daemon = start(f"Defaults secure_path={secret.parent.parent}/bin:/usr/bin:/bin\n{ALL}")
    tools = secret.parent.parent / "bin"
    tools.mkdir(mode=0o755)
    (tools / "stat").symlink_to(look)
    host, _ = _host(client_home, daemon, PASSWORD)
    assert host.stat(secret).size == 100_007
    seen = Path(f"{look}.seen").read_text(encoding="utf-8", errors="replace")
    assert "sudo -S" in seen
    assert PASSWORD not in seen
    host.close()


def test_a_wrong_password_is_told_and_asked_for_once_more(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    daemon = start()
    host, prompt = _host(client_home, daemon, "wrong", PASSWORD)
    assert host.read(secret, 0, 3) == b"xxx"
    assert "did not accept" in prompt.asked[1].text
    host.close()
    host, prompt = _host(client_home, daemon, "wrong", "wrong too", PASSWORD)
    before = _refusals(daemon)
    for _ in range(3):
        with pytest.raises(NotPermitted, match="sudo did not accept the password"):
            host.read(secret)
    assert len(prompt.asked) == 2
    assert _refusals(daemon) == before + 3, "one without a password, two wrong ones"
    host.close()


@pytest.mark.parametrize("somebody_to_ask", [True, False])
def test_without_a_password_what_could_not_be_seen_is_named(
    client_home: ClientHome, start: StartWith, secret: Path, somebody_to_ask: bool
) -> None:
    daemon = start()
    prompt = ScriptedPrompt() if somebody_to_ask else None
    host = SshHost(client_home.link(daemon, OPERATOR, prompt))
    for _ in range(3):
        with pytest.raises(NotPermitted) as refused:
            host.read(secret)
        assert str(secret) in str(refused.value)
        assert "sudo: a password is required" in str(refused.value)
        assert ("run in a terminal" in str(refused.value)) is not somebody_to_ask
    assert len(prompt.asked if prompt else [None]) == 1
    assert _refusals(daemon) == 1
    host.close()


def test_an_account_that_may_not_use_sudo(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    daemon = start("root ALL=(ALL) ALL\n")
    host, prompt = _host(client_home, daemon, PASSWORD, PASSWORD)
    for _ in range(2):
        with pytest.raises(NotPermitted, match=r"may not run sudo|not in the sudoers"):
            host.read(secret)
    assert len(prompt.asked) == 1
    host.close()


def test_where_no_password_is_needed_none_is_asked_for(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    daemon = start(f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n")
    host, prompt = _host(client_home, daemon, PASSWORD)
    assert host.read(secret, 0, 3) == b"xxx"
    assert prompt.asked == []
    host.close()


def test_the_server_s_sockets_are_seen_with_it(
    client_home: ClientHome, start: StartWith, start_server: StartServer
) -> None:
    server = start_server("mariadb")
    daemon = start()
    host, prompt = _host(client_home, daemon, PASSWORD)
    seen = {p.pid: p for p in host.server_processes()}[server.pid]
    assert server.port in seen.listening
    assert seen.num_fds
    assert len(prompt.asked) == 1
    silent = SshHost(client_home.link(daemon, OPERATOR))
    before = _refusals(daemon)
    for _ in range(2):
        blind = {p.pid: p for p in silent.server_processes()}[server.pid]
        assert blind.listening == ()
    assert _refusals(daemon) == before + 1
    host.close()
    silent.close()


def test_a_whole_log_is_sought_and_sifted_with_it(
    client_home: ClientHome, start: StartWith, secret: Path
) -> None:
    """The same is found as root finds here, rotated files and all; the password is asked once."""
    line = (
        "2026-11-23 {:>2}:{:02}:{:02} 7 [Warning] Aborted connection 7 to db: 'a' user: 'b' host: "
        "'c' (Got timeout reading communication packets)\n"
    )
    lines = [line.format(s // 3600, s // 60 % 60, s % 60) for s in range(60_000)]
    secret.write_text("".join(lines[20_000:]), encoding="ascii")
    older = secret.with_name("error.log.1.gz")
    older.write_bytes(gzip.compress("".join(lines[:20_000]).encode()))
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    window = Window(midnight + timedelta(seconds=19_000), midnight + timedelta(days=300))
    host, prompt = _host(client_home, start(), PASSWORD)
    theirs = read_file(host, str(secret), window, UTC)
    ours = read_file(LocalHost(), str(secret), window, UTC)
    for told in (theirs, ours):
        assert [t.count for t in told.scan.tallies] == [41_000]
    assert theirs.begins == ours.begins == midnight
    assert len(prompt.asked) == 1
    assert sum(host.link.bytes_crossed) < 400_000
    host.close()
