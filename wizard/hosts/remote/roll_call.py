"""Asks each program and path of another machine by itself whether it answers at all.

Run where a script has come to no end: it tells which of them the script waited for. The shell's
own words do it, so that nothing that hangs stands in its way.
"""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from wizard.hosts.protocol import Unfinished
from wizard.hosts.remote import scripts
from wizard.hosts.remote.silence import is_below
from wizard.hosts.ssh.link import SshLink

SECONDS = 6.0
"""Since the last one answered."""

MAX_PATHS = 200

CALLS: Mapping[str, str] = {
    "awk": "awk 'BEGIN { exit }'",
    "cat": "cat",
    "cut": "cut -c 1",
    "date": "date +%s",
    "dd": "dd count=0",
    "dmesg": "dmesg --version",
    "docker": "docker --version",
    "env": "env",
    "getconf": "getconf PAGESIZE",
    "grep": "grep x",
    "gzip": "gzip -c",
    "head": "head -c 1",
    "id": "id -u",
    "ip": "ip -V",
    "journalctl": "journalctl --version",
    "ls": "ls -d /",
    "podman": "podman --version",
    "readlink": "readlink /",
    "sed": "sed -n p",
    "setsid": "setsid true",
    "sleep": "sleep 0",
    "ss": "ss -V",
    "stat": "stat -L -c %f /",
    "systemctl": "systemctl --version",
    "tail": "tail -c 1",
    "timeout": "timeout 5 true",
    "tr": "tr a b",
}
"""What the scripts run, called so that it has nothing to do."""

_SUDO = "sudo -n stat -L -c %f /"
"""As the scripts ask whether they may use it."""

_SUDO_RUNS = frozenset({"id", "stat"})
"""Programs that stand in its line: where one of them hangs, nothing is known of sudo."""

_ALIVE = "here"

# Pairs of a name and a command line. Each tells its name on stderr, once it has ended.
_SCRIPT = (
    scripts.PLAIN
    + scripts.GUARD
    + f"""exec 5>&2
echo {_ALIVE} >&5
while [ $# -gt 1 ]; do
{{ eval "$2"; echo "$1" >&5; }} </dev/null >/dev/null 2>&1 &
calls="$calls $!"
shift 2
done
wait $calls
exit 0"""
)


def silent_there(
    link: SshLink, paths: Sequence[str], with_sudo: bool
) -> tuple[bool, tuple[str, ...]]:
    """Whether the shell answered, and which of the programs and paths did not.

    Raises HostError where the connection is gone, or the operator stopped it.
    """
    calls = dict(CALLS)
    if with_sudo:
        calls["sudo"] = f'[ "$(id -u)" = 0 ] || {_SUDO}'
    places = {f"path{i}": path for i, path in enumerate(_with_folders(paths))}
    lines = {**calls, **{n: f"[ -e {shlex.quote(p)} ]" for n, p in places.items()}}
    heard = _Heard()
    words = (word for pair in lines.items() for word in pair)
    try:
        link.run(
            scripts.command_line(_SCRIPT, *words), "the shell", SECONDS, 4096, listen=heard.hear
        )
    except Unfinished:
        if link.lost:
            raise
    missing = [places.get(name, name) for name in lines if name not in heard.names]
    if _SUDO_RUNS.intersection(missing):
        missing = [name for name in missing if name != "sudo"]
    return _ALIVE in heard.names, tuple(
        m
        for m in missing
        if not any(is_below(m, p) for p in missing if p.startswith("/") and p != m)
    )


def _with_folders(paths: Sequence[str]) -> Sequence[str]:
    """The paths and what is above them: the uppermost that does not answer is a dead mount."""
    found = (p for path in paths for p in (PurePosixPath(path), *PurePosixPath(path).parents))
    return tuple(dict.fromkeys(str(p) for p in found if p.is_absolute() and p.name))[:MAX_PATHS]


class _Heard:
    """The names that were told."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._rest = b""

    def hear(self, data: bytes) -> bool:
        *lines, self._rest = (self._rest[-256:] + data).split(b"\n")
        before = len(self.names)
        self.names |= {line.decode("ascii", "replace") for line in lines[:1000]}
        return before < len(self.names) < 1000
