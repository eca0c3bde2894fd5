"""An SSH host that means harm: each question ends in time, with one line, in bounded memory."""

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hostile.ssh_host import AFTER, BEFORE, LOGIN, HostileSsh, endless_answer
from tests.servers.sshd.client import ClientHome
from wizard.hosts.protocol import HostError, Unfinished
from wizard.hosts.remote import host, roll_call
from wizard.hosts.remote.host import SshHost
from wizard.hosts.ssh import auth
from wizard.hosts.ssh.command import Output, run_command
from wizard.hosts.ssh.conversation import Conversation
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.link import SshLink
from wizard.target.model import SshPlace

SECONDS = 0.5
"""What a command is given."""

MOST_READ = 1 << 20

MOST_MEMORY = 100 << 20
MOST_SENT = 64 << 20
"""Bytes that a host gets rid of before it is hung up on."""


@pytest.fixture
def home(tmp_path: Path) -> ClientHome:
    home = ClientHome(tmp_path / "home")
    home.key()
    home.configure("ConnectTimeout 60\n")
    return home


@contextmanager
def reached(home: ClientHome, hostile: HostileSsh) -> Iterator[SshLink]:
    with home.known_hosts.open("a") as known:
        known.write(hostile.known_host + "\n")
    link = SshLink(SshPlace(hostile.address, "root", hostile.port), home.files, None)
    try:
        yield link
    finally:
        link.close()
        hostile.close()


@contextmanager
def bounded() -> Iterator[None]:
    """In time, on a busy machine too, and in memory."""
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - began < 60
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10 < MOST_MEMORY


def left(home: ClientHome, name: str) -> list[str]:
    """What is wrong with how a host is left that speaks no SSH."""
    hostile = HostileSsh(before=BEFORE[name])
    with reached(home, hostile) as link:
        try:
            link.connection()
        except HostError as error:
            said = str(error)
        else:
            return [f"{name}: connected"]
    many = f"{name}: {hostile.sent} bytes"
    return [*([said] if "\n" in said else []), *([many] if hostile.sent > MOST_SENT else [])]


def test_what_is_no_handshake_is_left(home: ClientHome) -> None:
    home.configure("ConnectTimeout 1\n")
    with bounded(), ThreadPoolExecutor(len(BEFORE)) as pool:
        assert [list(found) for found in pool.map(lambda name: left(home, name), BEFORE)] == [
            [] for _ in BEFORE
        ]


@pytest.mark.parametrize("name", LOGIN)
def test_no_word_about_a_key_is_no_refusal(
    home: ClientHome, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "UNTYPED_TIME", 2.0)
    with (
        reached(home, HostileSsh(login=LOGIN[name])) as link,
        bounded(),
        pytest.raises(SshError, match="broke off the login of root") as told,
    ):
        link.connection()
    assert told.value.kind is SshFailure.LOST


def test_a_host_that_opens_no_channel_is_soon_left_alone(
    home: ClientHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "SECTION_TIME", 4.0)
    monkeypatch.setattr(roll_call, "SECONDS", 4.0)
    with reached(home, HostileSsh(after=endless_answer, opens=False)) as link:
        seen = SshHost(link)
        with bounded(), pytest.raises(Unfinished, match="answers no command; not asked again"):
            seen.server_processes()
        began = time.monotonic()
        for ask in (seen.metrics, lambda: seen.stat("/etc"), lambda: seen.run(("date",))):
            with pytest.raises(Unfinished, match="answers no command; not asked again"):
                ask()
        assert time.monotonic() - began < 4


def ended(home: ClientHome, name: str) -> str:
    """How a command ends there."""
    hostile = HostileSsh(after=AFTER[name])
    with reached(home, hostile) as link:
        try:
            done = command(link)
        except HostError as error:
            return str(error)
    return f"{len(done.stdout)} bytes, {done.truncated}"


def command(link: SshLink) -> Output:
    stdin = b"x" * 10_000
    return run_command(link.connection(), "x", "a command", SECONDS, MOST_READ, stdin=stdin)


@pytest.mark.parametrize("name", AFTER)
def test_a_command_ends_in_time(home: ClientHome, name: str) -> None:
    with bounded():
        told = ended(home, name)
    assert told in ("a command gave no answer within 0.5 s", f"{MOST_READ} bytes, True"), told


def test_a_command_that_is_never_started_ends_in_time(home: ClientHome) -> None:
    for begun in (command, lambda link: Conversation(link.connection(), "x", "x", SECONDS)):
        with (
            reached(home, HostileSsh(after=None)) as link,
            bounded(),
            pytest.raises(HostError, match="no answer within"),
        ):
            begun(link)


def test_an_endless_listing_and_an_endless_file_are_cut(home: ClientHome) -> None:
    hostile = HostileSsh(after=AFTER["an endless answer"])
    with reached(home, hostile) as link, bounded():
        host = SshHost(link)
        with pytest.raises(HostError):
            host.list_dir("/var/log")
        assert len(host.read("/proc/self/status", 0, 1 << 16)) <= 1 << 16
