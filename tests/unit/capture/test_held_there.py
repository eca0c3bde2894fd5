"""What holds a log on the other machine, in a real shell: asked, interrupted, asked again."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from wizard.hosts.remote.held_log import HeldLog

MOST = 1 << 20
SIZE = 1_000_000
"""More pieces than are counted below, however full each is."""


class ShellChannel:
    """As a channel of SSH, with a shell of this machine at its end. A signal comes in place of
    the answer's `at`-th piece."""

    def __init__(self) -> None:
        self.at = -1
        self._pieces = 0

    def settimeout(self, _seconds: float) -> None:
        """Pipes here do not hang."""

    def exec_command(self, command: str) -> None:
        self._shell = subprocess.Popen(
            ["sh", "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    def sendall(self, words: bytes) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.write(words)

    def recv(self, length: int) -> bytes:
        assert self._shell.stdout is not None
        self._pieces += 1
        if self._pieces == self.at:
            raise KeyboardInterrupt
        return os.read(self._shell.stdout.fileno(), length)

    def recv_stderr_ready(self) -> bool:
        return False

    def close(self) -> None:
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait(60)


@pytest.fixture
def channel() -> Iterator[ShellChannel]:
    channel = ShellChannel()
    yield channel
    channel.close()


def held(channel: ShellChannel, log: Path) -> HeldLog:
    transport = SimpleNamespace(open_session=lambda **_: channel)
    connection = SimpleNamespace(transport=transport, lost=False)
    found = HeldLog(SimpleNamespace(connection=lambda: connection), str(log))  # type: ignore[arg-type]
    log.write_bytes(os.urandom(SIZE))
    found.wait()
    return found


@pytest.mark.parametrize("at", range(3, 10))
def test_a_fetch_that_a_signal_ended_is_finished(
    channel: ShellChannel, tmp_path: Path, at: int
) -> None:
    holder = held(channel, log := tmp_path / "general.log")
    assert not log.exists()
    channel.at = at
    with pytest.raises(KeyboardInterrupt):
        holder.fetch(MOST)
    holder.fetch(MOST)
    assert len(holder.data) == holder.size == SIZE
    descriptor = next(
        fd
        for fd in Path(f"/proc/{channel._shell.pid}/fd").iterdir()
        if "general" in str(fd.readlink())
    )
    assert bytes(holder.data) == descriptor.read_bytes()


def test_a_file_that_the_server_made_anew_is_told_and_removed(
    channel: ShellChannel, tmp_path: Path
) -> None:
    holder = held(channel, log := tmp_path / "general.log")
    holder.fetch(MOST)
    assert not holder.was_reopened
    log.write_bytes(b"anew\n")
    holder.fetch(MOST)
    assert holder.was_reopened
    channel.close()
    assert not log.exists()
