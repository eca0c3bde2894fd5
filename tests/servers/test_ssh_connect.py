"""Connecting, against real sshd instances: who is let in, whom we trust, and what is told."""

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.servers.sshd.client import ClientHome, ScriptedPrompt
from tests.servers.sshd.daemon import OPERATOR, SshDaemon, kept_port, new_key, public_line
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from wizard.hosts.protocol import HostError
from wizard.hosts.remote.host import SshHost
from wizard.hosts.ssh import auth
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.known_hosts import fingerprint
from wizard.hosts.ssh.link import SshLink
from wizard.hosts.ssh.prompt import Question
from wizard.target.model import SshPlace

__all__ = ["client_home", "start_sshd"]

PASSWORD = "correct horse"


def _failure(link: SshLink) -> SshError:
    with pytest.raises(SshError) as failed:
        link.connection()
    assert PASSWORD not in str(failed.value)
    assert "\n" not in str(failed.value)
    return failed.value


def _whoami(link: SshLink) -> str:
    try:
        return SshHost(link).run(("id", "-un")).stdout.strip()
    finally:
        link.close()


def _blob(daemon: SshDaemon) -> str:
    """The fingerprint that ssh-keygen shows of the daemon's key."""
    told = subprocess.run(
        ["ssh-keygen", "-lf", f"{daemon.host_key}.pub"], capture_output=True, text=True, check=True
    )
    return told.stdout.split()[1]


def test_a_key(client_home: ClientHome, start_sshd: StartSshd) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    link = client_home.link(daemon)
    assert "id_ed25519" in link.connection().how
    assert _whoami(link) == "root"


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_other_kinds_of_key(client_home: ClientHome, start_sshd: StartSshd, kind: str) -> None:
    key = new_key(client_home.home / ".ssh" / f"id_{kind}", kind=kind)
    daemon = start_sshd(authorized=(public_line(key),))
    client_home.knows(daemon)
    assert _whoami(client_home.link(daemon)) == "root"


def test_a_host_key_of_another_kind_than_the_first_offered(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    """The server has several; the one in known_hosts has to be asked for."""
    rsa = new_key(tmp_path / "rsa_host_key", kind="rsa")
    first = start_sshd(authorized=(client_home.key(),))
    options = {"HostKey": f"{first.host_key}\nHostKey {rsa}"}
    daemon = start_sshd(authorized=first.authorized, options=options, host_key=rsa)
    client_home.knows(daemon)
    assert " ssh-rsa " in client_home.known_hosts.read_text()
    assert _whoami(client_home.link(daemon)) == "root"


def test_a_passphrase_is_asked_for(client_home: ClientHome, start_sshd: StartSshd) -> None:
    daemon = start_sshd(authorized=(client_home.key(passphrase="open sesame"),))
    client_home.knows(daemon)
    prompt = ScriptedPrompt(("wrong one", "open sesame"))
    assert _whoami(client_home.link(daemon, prompt=prompt)) == "root"
    assert len(prompt.asked) == 2
    assert all(q.secret and "id_ed25519" in q.text for q in prompt.asked)
    silent = _failure(client_home.link(daemon))
    assert silent.kind is SshFailure.NO_KEY_ACCEPTED
    assert "ssh-add" in str(silent)


def test_a_key_that_was_one_too_many_is_a_refused_one(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(options={"MaxAuthTries": "1"}, authorized=())
    client_home.key()
    client_home.knows(daemon)
    refused = _failure(client_home.link(daemon))
    assert refused.kind is SshFailure.NO_KEY_ACCEPTED
    assert "id_ed25519 was refused" in str(refused)


def test_a_slow_typist_takes_no_time_from_the_host(
    client_home: ClientHome, start_sshd: StartSshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon = start_sshd(authorized=(client_home.key(passphrase="open sesame"),))
    client_home.knows(daemon)
    given: list[float] = []
    answered = auth._answered

    def noted(transport: Any, seconds: float) -> Any:
        given.append(seconds)
        return answered(transport, seconds)

    monkeypatch.setattr(auth, "_answered", noted)

    class Typist(ScriptedPrompt):
        def __call__(self, question: Question) -> str | None:
            later = SimpleNamespace(monotonic=lambda: time.monotonic() + 100.0)
            monkeypatch.setattr(auth, "time", later)
            return super().__call__(question)

    assert _whoami(client_home.link(daemon, prompt=Typist(("open sesame",)))) == "root"
    assert min(given) > 30.0


def test_a_key_that_cannot_be_looked_at_costs_no_other(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    """As one in a folder that another account has closed."""
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    client_home.configure(
        f"Host *\n IdentityFile ~/.ssh/{'x' * 300}\n IdentityFile ~/.ssh/id_ed25519\n"
    )
    assert _whoami(client_home.link(daemon)) == "root"


@pytest.fixture
def agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client_home: ClientHome
) -> Iterator[Path]:
    """An ssh-agent of the test's own; its socket is announced."""
    assert client_home.home.exists()
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 60.0
        while not path.is_socket():
            assert time.monotonic() < limit
            time.sleep(0.02)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
        yield path
    finally:
        process.terminate()
        process.wait()


def _add(key: Path) -> None:
    subprocess.run(["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL)


def test_a_key_of_the_agent(
    client_home: ClientHome, start_sshd: StartSshd, agent: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert agent.is_socket()
    key = new_key(tmp_path / "only-in-the-agent")
    _add(key)
    daemon = start_sshd(authorized=(public_line(key),))
    client_home.knows(daemon)
    link = client_home.link(daemon)
    assert link.connection().how.endswith("(agent)")
    link.close()
    monkeypatch.delenv("SSH_AUTH_SOCK")
    client_home.configure(f"Host *\n IdentityAgent {agent}\n")
    named = client_home.link(daemon)
    assert named.connection().how.endswith("(agent)")
    named.close()
    client_home.configure(f"Host *\n IdentityAgent {agent}\n IdentitiesOnly yes\n")
    assert _failure(client_home.link(daemon)).kind is SshFailure.NO_KEY_ACCEPTED


def test_the_named_key_goes_before_a_full_agent(
    client_home: ClientHome, start_sshd: StartSshd, agent: Path, tmp_path: Path
) -> None:
    """sshd ends a login after six keys (MaxAuthTries)."""
    assert agent.is_socket()
    for number in range(8):
        _add(new_key(tmp_path / f"other{number}"))
    key = new_key(client_home.home / ".ssh" / "named")
    daemon = start_sshd(authorized=(public_line(key),))
    client_home.knows(daemon)
    too_many = _failure(client_home.link(daemon))
    assert too_many.kind is SshFailure.NO_KEY_ACCEPTED
    assert "IdentitiesOnly" in too_many.advice
    _add(key)
    client_home.configure("Host 127.0.0.1\n IdentityFile ~/.ssh/named\n")
    assert _whoami(client_home.link(daemon)) == "root"


@pytest.mark.parametrize("method", ["PasswordAuthentication", "KbdInteractiveAuthentication"])
def test_a_password(client_home: ClientHome, start_sshd: StartSshd, method: str) -> None:
    daemon = start_sshd(password=PASSWORD, pam=True, options={method: "yes"})
    client_home.knows(daemon)
    prompt = ScriptedPrompt(("wrong", PASSWORD))
    link = client_home.link(daemon, OPERATOR, prompt)
    assert _whoami(link) == OPERATOR
    assert len(prompt.asked) == 2
    assert all(q.secret and "assword" in q.text and OPERATOR in q.text for q in prompt.asked)
    wrong = _failure(client_home.link(daemon, OPERATOR, ScriptedPrompt(("a", "b", "c"))))
    assert wrong.kind is SshFailure.WRONG_PASSWORD
    given_up = _failure(client_home.link(daemon, OPERATOR, ScriptedPrompt()))
    assert given_up.kind is SshFailure.WRONG_PASSWORD
    silent = _failure(client_home.link(daemon, OPERATOR))
    assert silent.kind is SshFailure.METHOD_NOT_ALLOWED or "terminal" in silent.advice


def test_a_key_and_then_a_password(client_home: ClientHome, start_sshd: StartSshd) -> None:
    options = {"PasswordAuthentication": "yes", "AuthenticationMethods": "publickey,password"}
    daemon = start_sshd(
        authorized=(client_home.key(),), password=PASSWORD, pam=True, options=options
    )
    client_home.knows(daemon)
    link = client_home.link(daemon, OPERATOR, ScriptedPrompt((PASSWORD,)))
    assert _whoami(link) == OPERATOR


def test_no_key_of_ours(client_home: ClientHome, start_sshd: StartSshd) -> None:
    daemon = start_sshd()
    client_home.knows(daemon)
    none = _failure(client_home.link(daemon))
    assert none.kind is SshFailure.NO_KEY_ACCEPTED
    assert "no key to offer" in str(none)
    client_home.key()
    refused = _failure(client_home.link(daemon))
    assert refused.kind is SshFailure.NO_KEY_ACCEPTED
    assert "id_ed25519 was refused" in str(refused)
    assert "authorized_keys" in refused.advice


def test_a_method_that_we_do_not_have(client_home: ClientHome, start_sshd: StartSshd) -> None:
    options = {"AuthenticationMethods": "hostbased", "HostbasedAuthentication": "yes"}
    daemon = start_sshd(authorized=(client_home.key(),), options=options)
    client_home.knows(daemon)
    failure = _failure(client_home.link(daemon))
    assert failure.kind is SshFailure.METHOD_NOT_ALLOWED
    assert "hostbased" in str(failure)


def test_a_host_key_is_asked_for_again_where_the_answer_is_neither_yes_nor_no(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    prompt = ScriptedPrompt(("y", "maybe", "yes"))
    assert _whoami(client_home.link(daemon, prompt=prompt)) == "root"
    assert ["answer yes or no" in asked.text for asked in prompt.asked] == [False, True, True]
    client_home.known_hosts.unlink()
    told = prompt.asked[0].text
    fingerprint = next(word.rstrip(".") for word in told.split() if word.startswith("SHA256:"))
    for answers, count in (((fingerprint[:-1], "no", "yes"), 2), (("y", "y", "y", "yes"), 3)):
        prompt = ScriptedPrompt(answers)
        refused = _failure(client_home.link(daemon, prompt=prompt))
        assert refused.kind is SshFailure.HOST_KEY_UNKNOWN
        assert len(prompt.asked) == count
    assert _whoami(client_home.link(daemon, prompt=ScriptedPrompt((fingerprint,)))) == "root"


def test_an_unknown_host_key_needs_the_operator_s_yes(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    silent = _failure(client_home.link(daemon))
    assert silent.kind is SshFailure.HOST_KEY_UNKNOWN
    assert _blob(daemon) in str(silent)
    for answer in ("y", "no", ""):
        refused = _failure(client_home.link(daemon, prompt=ScriptedPrompt((answer,))))
        assert refused.kind is SshFailure.HOST_KEY_UNKNOWN
    assert not client_home.known_hosts.exists()
    prompt = ScriptedPrompt(("yes",))
    assert _whoami(client_home.link(daemon, prompt=prompt)) == "root"
    assert _blob(daemon) in prompt.asked[0].text
    assert not prompt.asked[0].secret
    assert client_home.known_hosts.stat().st_mode & 0o777 == 0o600
    # Known from now on, to OpenSSH as well.
    assert _whoami(client_home.link(daemon)) == "root"
    found = subprocess.run(
        ["ssh-keygen", "-F", f"[127.0.0.1]:{daemon.port}", "-f", str(client_home.known_hosts)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert daemon.known_host.split()[2] in found.stdout


def test_a_hashed_entry_is_known_and_written(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    subprocess.run(
        ["ssh-keygen", "-q", "-H", "-f", str(client_home.known_hosts)], check=True,
        capture_output=True,
    )  # fmt: skip
    assert "127.0.0.1" not in client_home.known_hosts.read_text()
    assert _whoami(client_home.link(daemon)) == "root"
    client_home.known_hosts.write_text("")
    client_home.configure("Host *\n HashKnownHosts yes\n")
    assert _whoami(client_home.link(daemon, prompt=ScriptedPrompt(("yes",)))) == "root"
    assert client_home.known_hosts.read_text().startswith("|1|")
    assert _whoami(client_home.link(daemon)) == "root"


def test_a_changed_host_key_stops(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    other = public_line(new_key(tmp_path / "other")).split()
    client_home.known_hosts.write_text(f"[127.0.0.1]:{daemon.port} {other[0]} {other[1]}\n")
    before = client_home.known_hosts.read_text()
    prompt = ScriptedPrompt(("yes",))
    failure = _failure(client_home.link(daemon, prompt=prompt))
    assert failure.kind is SshFailure.HOST_KEY_CHANGED
    assert "line 1" in str(failure)
    assert f"ssh-keygen -R '[127.0.0.1]:{daemon.port}'" in failure.advice
    assert prompt.asked == []
    assert client_home.known_hosts.read_text() == before


def test_a_host_known_by_another_kind_of_key_only_has_changed(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    other = public_line(new_key(tmp_path / "other", kind="rsa")).split()
    client_home.known_hosts.write_text(f"[127.0.0.1]:{daemon.port} {other[0]} {other[1]}\n")
    failure = _failure(client_home.link(daemon, prompt=ScriptedPrompt(("yes",))))
    assert failure.kind is SshFailure.HOST_KEY_CHANGED


def test_a_revoked_host_key_stops_though_it_is_known_too(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    _, kind, blob = daemon.known_host.split()
    client_home.known_hosts.write_text(f"{daemon.known_host}\n@revoked * {kind} {blob}\n")
    failure = _failure(client_home.link(daemon, prompt=ScriptedPrompt(("yes",))))
    assert failure.kind is SshFailure.HOST_KEY_REVOKED
    assert "line 2" in str(failure)


def test_through_a_jump_host_each_verified(client_home: ClientHome, start_sshd: StartSshd) -> None:
    key = client_home.key()
    jump, end = start_sshd(authorized=(key,)), start_sshd(authorized=(key,))
    client_home.configure(
        f"Host end\n HostName 127.0.0.1\n Port {end.port}\n User root\n ProxyJump root@jump\n"
        f"Host jump\n HostName 127.0.0.1\n Port {jump.port}\n"
    )
    client_home.knows(jump, end)
    link = SshLink(SshPlace("end"), client_home.files)
    assert link.connection().label == "end through root@jump"
    assert jump.logged("Accepted publickey")
    assert _whoami(link) == "root"
    for known in (jump, end):
        client_home.knows(known)
        failure = _failure(SshLink(SshPlace("end"), client_home.files))
        assert failure.kind is SshFailure.HOST_KEY_UNKNOWN
        assert str(end.port if known is jump else jump.port) in str(failure)


def test_a_jump_host_that_does_not_reach_the_end(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    jump = start_sshd(authorized=(client_home.key(),))
    client_home.knows(jump)
    client_home.configure(f"Host end\n HostName 127.0.0.1\n ProxyJump root@127.0.0.1:{jump.port}\n")
    place = SshPlace("end", "root", kept_port())
    failure = _failure(SshLink(place, client_home.files))
    assert failure.kind is SshFailure.PROXY
    assert "Connection refused" in str(failure)


def test_a_jump_host_that_is_its_own_jump_host(client_home: ClientHome) -> None:
    client_home.configure("Host loop\n ProxyJump loop\n")
    failure = _failure(SshLink(SshPlace("loop"), client_home.files))
    assert failure.kind is SshFailure.SETTINGS


def test_through_a_proxy_program(client_home: ClientHome, start_sshd: StartSshd) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    client_home.configure(f"Host *\n ProxyCommand busybox nc 127.0.0.1 {daemon.port}\n")
    assert _whoami(client_home.link(daemon)) == "root"
    client_home.configure("Host *\n ProxyCommand exit 1\n")
    assert _failure(client_home.link(daemon)).kind is SshFailure.PROXY


def test_names_ports_and_services(client_home: ClientHome) -> None:
    def kind(host: str, port: int) -> SshFailure:
        return _failure(SshLink(SshPlace(host, "root", port), client_home.files)).kind

    assert kind("no-such-host.invalid", 22) is SshFailure.NAME
    assert kind("127.0.0.1", kept_port()) is SshFailure.REFUSED
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client_home.configure("Host *\n ConnectTimeout 2\n")
        assert kind("127.0.0.1", port) is SshFailure.TIMEOUT

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    listener.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        limit = time.monotonic() + 60.0
        while kind("127.0.0.1", port) is not SshFailure.NOT_SSH:
            assert time.monotonic() < limit
        listener.shutdown(socket.SHUT_RDWR)  # else the accept outlives its socket


def test_an_account_without_a_shell(client_home: ClientHome, start_sshd: StartSshd) -> None:
    daemon = start_sshd(authorized=(client_home.key(),), options={"MaxSessions": "0"})
    client_home.knows(daemon)
    with pytest.raises(SshError) as failed:
        client_home.host(daemon).run(("true",))
    assert failed.value.kind is SshFailure.NO_SHELL
    forced = start_sshd(authorized=daemon.authorized, options={"ForceCommand": "echo not here"})
    client_home.knows(forced)
    with pytest.raises(HostError):
        client_home.host(forced).metrics()


def test_a_cut_in_the_middle_of_a_read_is_told_and_made_good(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    host = client_home.host(daemon)
    log = tmp_path / "error.log"
    log.write_bytes(b"line\n" * 100)
    before = host.link.connection()
    threading.Thread(target=_cut_under, args=(daemon, "tail"), daemon=True).start()
    began = time.monotonic()
    with pytest.raises(SshError) as cut:
        host.run(("tail", "-f", str(log)), timeout=500)
    assert cut.value.kind is SshFailure.LOST
    assert time.monotonic() - began < 120.0
    assert not host.link.is_up
    assert host.read(log, 0, 5) == b"line\n"
    assert host.link.connection() is not before
    host.close()


def _cut_under(daemon: SshDaemon, program: str) -> None:
    """Cut the sessions once the program runs in one of them."""
    limit = time.monotonic() + 60.0
    while time.monotonic() < limit:
        for pid in daemon.sessions():
            with suppress(OSError):
                if Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip() == program:
                    daemon.cut()
                    return
        time.sleep(0.05)


def test_a_silent_peer_is_noticed_within_ten_seconds(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    """Nothing is closed: sshd is stopped, as behind a line that swallows every packet."""
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    link = client_home.link(daemon)
    assert 2 * link.connection().settings.keepalive <= 10.0
    daemon.signal_sessions(signal.SIGSTOP)
    began = time.monotonic()
    try:
        while link.is_up:
            assert time.monotonic() - began < 60.0  # the machine may be slow
            time.sleep(0.1)
    finally:
        daemon.signal_sessions(signal.SIGCONT)
    link.close()


def test_leaving_does_not_wait_for_a_connection_that_hangs(client_home: ClientHome) -> None:
    client_home.configure("Host *\n ConnectTimeout 300\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = SshLink(SshPlace("127.0.0.1", "root", listener.getsockname()[1]), client_home.files)
        hanging = threading.Thread(target=_failure, args=(link,), daemon=True)
        hanging.start()
        accepted, _ = listener.accept()
        began = time.monotonic()
        link.close()
        assert time.monotonic() - began < 120.0
        assert hanging.is_alive()
        accepted.close()
        hanging.join(30.0)


def test_another_key_after_a_lost_connection_is_not_taken(
    client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path
) -> None:
    """Both keys are in known_hosts: the case goes on with the machine that it began with."""
    first = start_sshd(authorized=(client_home.key(),))
    link = client_home.link(first)
    client_home.knows(first)
    link.connection()
    first.stop()
    second = start_sshd(
        authorized=first.authorized, port=first.port, host_key=new_key(tmp_path / "second")
    )
    client_home.knows(first, second)
    limit = time.monotonic() + 60.0
    while link.is_up:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert _failure(link).kind is SshFailure.HOST_KEY_CHANGED


def test_a_password_is_not_asked_for_again_after_a_lost_connection(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(password=PASSWORD, pam=True, options={"PasswordAuthentication": "yes"})
    client_home.knows(daemon)
    prompt = ScriptedPrompt((PASSWORD,))
    link = client_home.link(daemon, OPERATOR, prompt)
    for _ in range(3):
        link.connection()
        daemon.cut()
        limit = time.monotonic() + 60.0
        while link.is_up:
            assert time.monotonic() < limit
            time.sleep(0.05)
    link.connection()
    link.close()
    assert len(prompt.asked) == 1


def test_the_fingerprint_is_the_one_of_ssh_keygen(
    client_home: ClientHome, start_sshd: StartSshd
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),))
    client_home.knows(daemon)
    link = client_home.link(daemon)
    assert fingerprint(link.connection().host_key) == _blob(daemon)
    link.close()


@pytest.mark.parametrize("cut", [True, False], ids=["cut", "silent"])
def test_a_jump_host_that_leads_nowhere_is_named(
    client_home: ClientHome, start_sshd: StartSshd, cut: bool
) -> None:
    jump = start_sshd(authorized=(client_home.key(),))
    client_home.knows(jump)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client_home.configure(
            f"Host inner\nHostName 127.0.0.1\nPort {port}\nConnectTimeout {60 if cut else 2}\n"
            f"ProxyJump root@127.0.0.1:{jump.port}\n"
        )

        def serve() -> None:
            held, _ = listener.accept()
            with held:
                if cut:
                    jump.cut()
                held.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        told = _failure(SshLink(SshPlace("inner", "root", None), client_home.files))
    if cut:
        assert told.kind is SshFailure.PROXY
        assert "the jump host 127.0.0.1 went away" in str(told)
    else:
        assert f"127.0.0.1:{port}, through 127.0.0.1, accepts" in str(told)
