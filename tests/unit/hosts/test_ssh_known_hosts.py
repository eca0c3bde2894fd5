"""known_hosts as ssh-keygen writes it, and what OpenSSH's own documentation says of patterns."""

import base64
import subprocess
from pathlib import Path

import pytest

from wizard.hosts.ssh.errors import SshError
from wizard.hosts.ssh.known_hosts import (
    KeyState,
    authorities,
    fingerprint,
    judge,
    known_types,
    lookup_name,
    read_entries,
    remember,
)


def _key(number: int, kind: str = "ssh-ed25519") -> bytes:
    name = kind.encode()
    return len(name).to_bytes(4, "big") + name + b"\0\0\0\x20" + bytes([number]) * 32


def _line(patterns: str, key: bytes, marker: str = "") -> str:
    kind = key[4 : 4 + key[3]].decode()
    return f"{marker} {patterns} {kind} {base64.b64encode(key).decode()} a comment\n".lstrip()


@pytest.mark.parametrize(
    ("patterns", "name", "matches"),
    [
        ("db", "db", True),
        ("DB", "db", True),
        ("a,db,c", "db", True),
        ("db", "db2", False),
        ("*.example.com", "x.example.com", True),
        ("*.example.com,!x.example.com", "x.example.com", False),
        ("db?", "db1", True),
        ("[db]:2222", "[db]:2222", True),
        ("[db]:2222", "db", False),
        ("db", "[db]:2222", False),
        ("[*]:2222", "[db]:2222", True),
        ("[db]", "d", False),
    ],
)
def test_patterns(tmp_path: Path, patterns: str, name: str, matches: bool) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(f"# a comment\n\n{_line(patterns, _key(1))}")
    expected = KeyState.TRUSTED if matches else KeyState.UNKNOWN
    assert judge(read_entries([path]), name, _key(1)).state is expected


def test_the_state_of_a_key(tmp_path: Path) -> None:
    path = tmp_path / "known_hosts"
    path.write_text(
        _line("db", _key(1))
        + _line("db", _key(2))
        + _line("*", _key(3), "@revoked")
        + _line("*.ca", _key(9), "@cert-authority")
        + "broken line\ndb ssh-rsa not!base64\n"
    )
    entries = read_entries([tmp_path / "not there", path])
    assert judge(entries, "db", _key(1)).state is KeyState.TRUSTED
    assert judge(entries, "db", _key(2)).state is KeyState.TRUSTED
    changed = judge(entries, "db", _key(4))
    assert changed.state is KeyState.CHANGED
    assert changed.where.endswith("known_hosts, line 1")
    assert judge(entries, "other", _key(4)).state is KeyState.UNKNOWN
    assert judge(entries, "other", _key(3)).state is KeyState.REVOKED
    assert judge(entries, "x.ca", _key(9)).state is KeyState.UNKNOWN
    assert [e.where for e in authorities(entries, "other", "x.ca")]
    assert not authorities(entries, "other")
    assert known_types(entries, "db") == ("ssh-ed25519",)


@pytest.mark.parametrize("hashed", [False, True])
def test_what_is_added_is_found_again(tmp_path: Path, hashed: bool) -> None:
    path = tmp_path / ".ssh" / "known_hosts"
    name = lookup_name("DB.example.com", 2222)
    remember(path, name, "ssh-ed25519", _key(7), hashed)
    with path.open("a") as stream:
        stream.write("no newline at the end")
    remember(path, "other", "ssh-ed25519", _key(8), hashed)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert ("example" in path.read_text()) is not hashed
    entries = read_entries([path])
    assert judge(entries, name, _key(7)).state is KeyState.TRUSTED
    assert judge(entries, "other", _key(8)).state is KeyState.TRUSTED
    assert judge(entries, "db.example.com", _key(7)).state is KeyState.UNKNOWN


def test_a_file_that_cannot_be_read_is_not_taken_as_empty(tmp_path: Path) -> None:
    with pytest.raises(SshError, match="cannot be read"):
        read_entries([tmp_path])


def test_the_fingerprint_of_ssh_keygen(tmp_path: Path) -> None:
    path = tmp_path / "key.pub"
    path.write_text(_line("", _key(5)))
    told = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True)
    assert told.stdout.split()[1] == fingerprint(_key(5))
