"""Fixtures for tests with an sshd: imported by the modules that use them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon

StartSshd = Callable[..., SshDaemon]


@pytest.fixture
def client_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ClientHome:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return ClientHome(tmp_path / "client")


@pytest.fixture
def start_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSshd]:
    """`start_sshd(authorized=(line,), password="x")`: a running daemon with these fields."""
    with ExitStack() as stack:

        def start(**fields: Any) -> SshDaemon:
            daemon = SshDaemon(tmp_path_factory.mktemp("sshd"), **fields)
            stack.callback(daemon.stop)
            return daemon.start()

        yield start


@pytest.fixture
def sshd(
    client_home: ClientHome, start_sshd: StartSshd, monkeypatch: pytest.MonkeyPatch
) -> SshDaemon:
    """A daemon that root's key of `client_home` opens; the program finds both through HOME."""
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    return daemon
