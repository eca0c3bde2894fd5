"""What --ssh and ssh_config(5) say; compared with `ssh -G`, which prints what ssh itself takes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.target.test_flags import parsed
from wizard.hosts.ssh.config import SshFiles, settings_for
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.proxy_command import expanded
from wizard.target.model import SshPlace, Target
from wizard.target.ssh_place import ssh_place

CONFIG = """
Include more/*.conf
Host *.example.com !no.example.com
  User ops
Host alias
  HostName real.example.com
  Port 2222
  IdentityFile ~/.ssh/one
  IdentityFile %d/.ssh/two
  IdentitiesOnly yes
  ConnectTimeout 7
  ServerAliveInterval 3
  HostKeyAlias shared
Host *
  User everybody
  ConnectTimeout 4
"""


@pytest.fixture
def files(tmp_path: Path) -> SshFiles:
    (tmp_path / ".ssh" / "more").mkdir(parents=True)
    (tmp_path / ".ssh" / "config").write_text(CONFIG)
    (tmp_path / ".ssh" / "more" / "a.conf").write_text("Host included\n Port 99\n")
    (tmp_path / "system").write_text("Host *\n User system\n HashKnownHosts yes\n")
    return SshFiles(tmp_path, tmp_path / "system", ())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("db", SshPlace("db")),
        ("me@db", SshPlace("db", "me")),
        ("me@db:2222", SshPlace("db", "me", 2222)),
        ("a@b@db", SshPlace("db", "a@b")),
        ("[::1]:22", SshPlace("::1", None, 22)),
        ("::1", SshPlace("::1")),
    ],
)
def test_a_place(text: str, place: SshPlace) -> None:
    assert ssh_place(text) == place
    assert parsed("--ssh", text).ssh == place
    assert ssh_place(place.label) == place


@pytest.mark.parametrize(
    "text",
    ["", "@db", "db:", "db:0", "db:65536", "db:ssh", "-oProxyCommand=x", "a b", "[::1", "$(id)",
     "x;y", "a\x1bb", "db:२२"],
)  # fmt: skip
def test_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"names no user|is no "):
        ssh_place(text)


def test_flags_win_over_the_file(files: SshFiles) -> None:
    found = settings_for(SshPlace("alias", "me", 23), files)
    assert (found.host, found.user, found.port) == ("real.example.com", "me", 23)


def test_everything_that_is_honoured(files: SshFiles) -> None:
    found = settings_for(SshPlace("alias"), files)
    assert (found.host, found.user, found.port) == ("real.example.com", "everybody", 2222)
    assert found.identity_files == (files.home / ".ssh/one", files.home / ".ssh/two")
    assert found.identities_only
    assert (found.connect_timeout, found.keepalive) == (7.0, 3.0)
    assert found.key_name == "shared"
    assert found.hash_known_hosts
    assert settings_for(SshPlace("included"), files).port == 99
    assert settings_for(SshPlace("x.example.com"), files).user == "ops"
    assert settings_for(SshPlace("no.example.com"), files).user == "everybody"


@pytest.mark.skipif(shutil.which("ssh") is None, reason="needs the ssh client to compare with")
@pytest.mark.parametrize("host", ["alias", "included", "x.example.com", "no.example.com", "other"])
def test_the_same_as_ssh_itself(files: SshFiles, host: str) -> None:
    whole = files.home / "whole"
    # -F names the only file that ssh reads; relative includes then start in ~/.ssh.
    text = CONFIG.replace("more/*.conf", str(files.home / ".ssh/more/*.conf"))
    whole.write_text(text)
    told = subprocess.run(
        ["ssh", "-G", "-F", str(whole), host], capture_output=True, text=True, check=True
    ).stdout
    theirs = dict(line.partition(" ")[::2] for line in told.splitlines())
    ours = settings_for(SshPlace(host), files)
    assert (ours.host, str(ours.port), ours.user) == (
        theirs["hostname"], theirs["port"], theirs["user"]
    )  # fmt: skip
    assert ours.connect_timeout == float(theirs["connecttimeout"])


def test_without_files_the_defaults_hold(tmp_path: Path) -> None:
    found = settings_for(SshPlace("db"), SshFiles(tmp_path, tmp_path / "none", ()))
    assert (found.host, found.port) == ("db", 22)
    assert found.known_hosts[0] == tmp_path / ".ssh" / "known_hosts"
    assert found.keepalive == 4.5
    assert not found.identities_only


def test_a_command_decides_about_a_block(files: SshFiles) -> None:
    (files.home / ".ssh" / "config").write_text(
        'Match exec "test %h = no"\n User wrong\nMatch exec "test %h = db"\n User right\n'
    )
    assert settings_for(SshPlace("db"), files).user == "right"


def test_what_is_not_understood_is_said(files: SshFiles) -> None:
    (files.home / ".ssh" / "config").write_text("Match all host x\n User x\n")
    with pytest.raises(SshError) as failed:
        settings_for(SshPlace("db"), files)
    assert failed.value.kind is SshFailure.SETTINGS


def test_a_target_tells_where_its_address_is_seen_from() -> None:
    place = SshPlace("db1", "ops")
    assert Target(host="127.0.0.1", ssh=place).label == "127.0.0.1:3306 on ops@db1"
    assert Target(socket="/s", ssh=place).label == "/s on ops@db1"
    assert Target(socket="/s", ssh=place).path == "ssh socket forward"
    assert Target(host="x", ssh=place).path == "ssh tcp forward"
    assert Target(host="x").path == "direct"


def test_a_proxy_command_names_the_port_and_the_account_that_were_given(files: SshFiles) -> None:
    (files.home / ".ssh" / "config").write_text(
        "Host db\n HostName db.example.com\n Port 22\n IdentityFile ~/%r\n"
        " ProxyCommand nc %h %p %r %n %%n\n"
    )
    found = settings_for(SshPlace("db", "deploy", 2222), files)
    assert found.proxy_command is not None
    told = expanded(found.proxy_command, found.host, found.port, found.user)
    assert told == "nc db.example.com 2222 deploy db %n"
    assert found.identity_files == (files.home / "deploy",)


@pytest.mark.parametrize(
    ("named", "socket"),
    [
        ("none", None),
        ("SSH_AUTH_SOCK", Path("/run/announced")),
        ("$OTHER", Path("/run/other")),
        ("${OTHER}", Path("/run/other")),
        ("$UNSET", None),
        ("/run/own", Path("/run/own")),
        ('"~/its agent"', Path("HOME/its agent")),
    ],
)
def test_the_agent_that_is_named(
    named: str, socket: Path | None, files: SshFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/announced")
    monkeypatch.setenv("OTHER", "/run/other")
    monkeypatch.delenv("UNSET", raising=False)
    assert settings_for(SshPlace("db"), files).agent == Path("/run/announced")
    (files.home / ".ssh" / "config").write_text(f"Host db\n IdentityAgent {named}\n")
    if socket is not None and socket.parts[0] == "HOME":
        socket = files.home / socket.relative_to("HOME")
    assert settings_for(SshPlace("db"), files).agent == socket
