"""Host certificates, signed by ssh-keygen and shown by real sshd instances."""

import base64
import hashlib
import hmac
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.sshd.client import ClientHome, ScriptedPrompt
from tests.servers.sshd.daemon import SshDaemon, new_key, public_line
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.host_certificate import BadCertificate, fault, parse_certificate
from wizard.hosts.ssh.known_hosts import fingerprint

__all__ = ["client_home", "start_sshd"]

KINDS = {
    "ed25519": ("ed25519", ()),
    "rsa": ("rsa", ()),
    "nistp256": ("ecdsa", ("-b", "256")),
    "nistp384": ("ecdsa", ("-b", "384")),
    "nistp521": ("ecdsa", ("-b", "521")),
}


def make_key(path: Path, kind: str) -> Path:
    name, more = KINDS[kind]
    subprocess.run(
        ["ssh-keygen", "-q", "-t", name, *more, "-N", "", "-f", str(path)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return path


def signed(key: Path, authority: Path, *options: str) -> Path:
    """The certificate that `authority` gives the host key `key`."""
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(authority), "-I", "a test's host", *options, f"{key}.pub"],
        check=True, stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    return Path(f"{key}-cert.pub")


@dataclass
class Certified:
    """A host that shows a certificate, and a client that knows no key of it."""

    home: ClientHome
    start: StartSshd
    place: Path

    def host(self, *options: str, kind: str = "ed25519", authority: str = "authority") -> SshDaemon:
        key = make_key(self.place / f"host-{kind}", kind)
        certificate = signed(key, self.authority(authority), "-h", *options)
        if not (self.home.home / ".ssh" / "id_ed25519").exists():
            self.home.key()
        return self.start(
            authorized=(public_line(self.home.home / ".ssh" / "id_ed25519"),),
            host_key=key,
            options={"HostCertificate": str(certificate)},
        )

    def authority(self, name: str = "authority", kind: str = "ed25519") -> Path:
        path = self.place / name
        return path if path.exists() else make_key(path, kind)

    def trust(self, *lines: str) -> None:
        self.home.known_hosts.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")

    def line(self, marker: str, patterns: str, key: Path) -> str:
        return " ".join([marker, patterns, *public_line(key).split()[:2]]).strip()

    def refusal(self, daemon: SshDaemon, prompt: ScriptedPrompt | None = None) -> SshError:
        with pytest.raises(SshError) as refused:
            self.home.link(daemon, prompt=prompt).connection()
        return refused.value

    def connects(self, daemon: SshDaemon, prompt: ScriptedPrompt | None = None) -> None:
        link = self.home.link(daemon, prompt=prompt)
        assert link.connection().how
        link.close()


@pytest.fixture
def certified(client_home: ClientHome, start_sshd: StartSshd, tmp_path: Path) -> Certified:
    return Certified(client_home, start_sshd, tmp_path)


@pytest.mark.parametrize(
    ("kind", "signer"),
    [
        ("ed25519", "rsa"), ("rsa", "nistp384"), ("nistp256", "ed25519"),
        ("nistp384", "ed25519"), ("nistp521", "ed25519"),
    ],
)  # fmt: skip
def test_a_host_is_known_by_its_authority(certified: Certified, kind: str, signer: str) -> None:
    authority = certified.authority(kind=signer)
    daemon = certified.host("-n", "127.0.0.1", "-V", "-1h:+1h", kind=kind)
    certified.trust(certified.line("@cert-authority", "127.0.0.*", authority))
    before = certified.home.known_hosts.read_text()
    prompt = ScriptedPrompt(("yes",))
    certified.connects(daemon, prompt)
    assert prompt.asked == []
    assert certified.home.known_hosts.read_text() == before


def test_as_the_authority_s_line_names_hosts(certified: Certified) -> None:
    authority = certified.authority()
    daemon = certified.host("-n", "db1.example,127.0.0.?")
    for patterns in ("*", f"[127.0.0.1]:{daemon.port}", f"db9,[127.*]:{daemon.port}"):
        certified.trust(certified.line("@cert-authority", patterns, authority))
        certified.connects(daemon)
    salt = os.urandom(20)
    name = f"[127.0.0.1]:{daemon.port}".encode()
    digest = hmac.new(salt, name, hashlib.sha1).digest()
    hashed = "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, digest))
    certified.trust(certified.line("@cert-authority", hashed, authority))
    certified.connects(daemon)
    for patterns in ("db1", "!127.0.0.1,127.*", "[127.0.0.1]:1"):
        certified.trust(certified.line("@cert-authority", patterns, authority))
        assert certified.refusal(daemon).kind is SshFailure.HOST_KEY_UNKNOWN


def test_an_alias_is_the_name_that_the_certificate_has_to_hold(certified: Certified) -> None:
    daemon = certified.host("-n", "db1.example")
    certified.trust(certified.line("@cert-authority", "*.example", certified.authority()))
    assert certified.refusal(daemon).kind is SshFailure.HOST_KEY_UNKNOWN
    certified.home.configure("Host *\n HostKeyAlias db1.example\n")
    certified.connects(daemon)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-n", "127.0.0.1", "-V", "20200101:20210101"), "expired at 2021-01-0"),
        (("-n", "127.0.0.1", "-V", "20990101:20990201"), "not valid before 2099"),
        (("-n", "db9.example", "-V", "-1h:+1h"), "is for db9.example, not for 127.0.0.1"),
    ],
)
def test_each_fault_of_a_certificate_by_name(
    certified: Certified, options: tuple[str, ...], told: str
) -> None:
    daemon = certified.host(*options)
    certified.trust(certified.line("@cert-authority", "*", certified.authority()))
    failure = certified.refusal(daemon)
    assert failure.kind is SshFailure.HOST_CERTIFICATE
    assert told in str(failure)
    # The key itself may be known, or be accepted: OpenSSH goes on with it too.
    prompt = ScriptedPrompt(("no",))
    assert certified.refusal(daemon, prompt).kind is SshFailure.HOST_CERTIFICATE
    assert told in prompt.asked[0].text
    with certified.home.known_hosts.open("a") as stream:
        stream.write(f"{daemon.known_host}\n")
    certified.connects(daemon)


def test_an_authority_that_nobody_trusts(certified: Certified) -> None:
    daemon = certified.host("-n", "127.0.0.1", authority="stranger")
    certified.trust(certified.line("@cert-authority", "*", certified.authority()))
    failure = certified.refusal(daemon)
    assert failure.kind is SshFailure.HOST_CERTIFICATE
    stranger = _key_blob(certified.authority("stranger"))
    assert fingerprint(stranger) in str(failure)
    assert "line 1" in str(failure)


def test_a_host_without_a_certificate_where_one_is_expected(certified: Certified) -> None:
    daemon = certified.start(authorized=(certified.home.key(),))
    certified.trust(certified.line("@cert-authority", "*", certified.authority()))
    failure = certified.refusal(daemon)
    assert failure.kind is SshFailure.HOST_CERTIFICATE
    assert "it shows none" in str(failure)
    prompt = ScriptedPrompt(("yes",))
    certified.connects(daemon, prompt)
    assert "it shows none" in prompt.asked[0].text
    certified.connects(daemon)


@pytest.mark.parametrize("revoked", ["authority", "host-ed25519"])
def test_what_is_revoked_stays_out_whatever_else_trusts_it(
    certified: Certified, revoked: str
) -> None:
    daemon = certified.host("-n", "127.0.0.1")
    certified.trust(
        certified.line("@cert-authority", "*", certified.authority()),
        daemon.known_host,
        certified.line("@revoked", "*", certified.place / revoked),
    )
    prompt = ScriptedPrompt(("yes",))
    failure = certified.refusal(daemon, prompt)
    assert failure.kind is SshFailure.HOST_KEY_REVOKED
    assert "line 3" in str(failure)
    assert ("authority" in str(failure)) == (revoked == "authority")
    assert prompt.asked == []


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "nistp256"])
@pytest.mark.parametrize("in_agent", [False, True])
def test_a_user_s_certificate_beside_the_key_opens_the_account(
    certified: Certified, kind: str, in_agent: bool, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    authority = certified.authority()
    key = make_key(certified.home.home / ".ssh" / "id_user", kind)
    certified.home.configure("Host *\n IdentityFile ~/.ssh/id_user\n")
    daemon = certified.start(options={"TrustedUserCAKeys": f"{authority}.pub"})
    certified.trust(daemon.known_host)
    refused = certified.refusal(daemon)
    assert refused.kind is SshFailure.NO_KEY_ACCEPTED
    signed(key, authority, "-n", "root", "-V", "-1h:+1h")
    with ExitStack() as stack:
        if in_agent:
            monkeypatch.setenv("SSH_AUTH_SOCK", str(stack.enter_context(_agent(key))))
        link = certified.home.link(daemon)
        how = link.connection().how
        assert how.endswith("certificate") or in_agent
        link.close()
    assert daemon.logged("ID a test's host")


@contextmanager
def _agent(key: Path) -> Iterator[Path]:
    """An ssh-agent of the test's own that holds the key, and its certificate."""
    path = key.parent / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        limit = time.monotonic() + 60.0
        while not path.is_socket():
            assert time.monotonic() < limit
            time.sleep(0.02)
        environ = {**os.environ, "SSH_AUTH_SOCK": str(path)}
        subprocess.run(
            ["ssh-add", "-q", str(key)], check=True, stdin=subprocess.DEVNULL, env=environ
        )
        yield path
    finally:
        process.terminate()
        process.wait()


def test_openssh_decides_the_same(certified: Certified) -> None:
    daemon = certified.host("-n", "127.0.0.1", "-V", "-1h:+1h")
    authority = certified.authority()
    stranger = certified.authority("stranger")
    for line, lets_in in (
        (certified.line("@cert-authority", "127.*", authority), True),
        (certified.line("@cert-authority", f"[127.0.0.1]:{daemon.port}", authority), True),
        (certified.line("@cert-authority", "db*", authority), False),
        (certified.line("@cert-authority", "*", stranger), False),
        (certified.line("@revoked", "*", authority), False),
        (certified.line("", "127.0.0.1", certified.place / "host-ed25519"), True),
    ):
        certified.trust(line)
        assert _openssh(certified.home, daemon) is lets_in, line
        if lets_in:
            certified.connects(daemon)
        else:
            certified.refusal(daemon)


def _openssh(home: ClientHome, daemon: SshDaemon) -> bool:
    options = [
        "BatchMode=yes",
        f"UserKnownHostsFile={home.known_hosts}",
        "StrictHostKeyChecking=yes",
    ]
    done = subprocess.run(
        ["ssh", "-F", "/dev/null", "-i", str(home.home / ".ssh" / "id_ed25519"), "-p",
         str(daemon.port), *(w for o in options for w in ("-o", o)), "root@127.0.0.1", "true"],
        capture_output=True, stdin=subprocess.DEVNULL, timeout=120.0, check=False,
    )  # fmt: skip
    return done.returncode == 0


def _blob(public: Path) -> bytes:
    return base64.b64decode(public.read_text(encoding="ascii").split()[1])


def _key_blob(key: Path) -> bytes:
    return _blob(Path(f"{key}.pub"))


def test_a_changed_byte_breaks_the_signature_or_the_reading(tmp_path: Path) -> None:
    key = make_key(tmp_path / "host", "ed25519")
    authority = make_key(tmp_path / "authority", "ed25519")
    blob = _blob(signed(key, authority, "-h", "-n", "db1"))
    assert parse_certificate(blob).is_signed
    assert parse_certificate(blob).key == _key_blob(key)
    assert parse_certificate(blob).authority == _key_blob(authority)
    for place in range(len(blob)):
        changed = bytearray(blob)
        changed[place] ^= 0x01
        try:
            assert not parse_certificate(bytes(changed)).is_signed, place
        except BadCertificate:
            continue
    for end in range(len(blob)):
        with pytest.raises(BadCertificate):
            parse_certificate(blob[:end])


def test_a_demand_that_is_not_known_is_refused(tmp_path: Path) -> None:
    key = make_key(tmp_path / "host", "ed25519")
    authority = new_key(tmp_path / "authority")
    blob = _blob(signed(key, authority, "-h", "-O", "critical:more@example=1"))
    assert "more@example" in fault(parse_certificate(blob), "db1", time.time())
    user = _blob(signed(key, authority, "-n", "db1"))
    assert "for a user, not for a host" in fault(parse_certificate(user), "db1", time.time())
    plain = _blob(signed(key, authority, "-h"))
    assert fault(parse_certificate(plain), "any.host", time.time()) == ""
