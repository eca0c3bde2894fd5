"""A real sshd on a free port, in a mount namespace of its own.

The namespace is what lets an ordinary account with a known password exist without touching this
machine: its /etc/passwd, /etc/shadow, /etc/group and PAM service are files of the test. Needs
root.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.harness.requirement import unavailable
from wizard.demo.reserved_port import reserve

OPERATOR = "operator"
OPERATOR_ID = 61234
"""An account and number that no distribution uses."""

START_TIME = 120.0

_SUDO_STATE = ("/run/sudo", "/var/lib/sudo")


@dataclass
class SshDaemon:
    """`authorized` are the public keys that every account accepts; `password` is OPERATOR's.

    With `sudoers` sudo(8) obeys these lines, and writes what it is asked to `sudo_log`.
    `launcher` is put before the daemon's command and must become it (exec). Where it leads to
    another network, `start` is called from a thread that is in that network.
    """

    directory: Path
    options: dict[str, str] = field(default_factory=dict)
    authorized: tuple[str, ...] = ()
    password: str = ""
    pam: bool = False
    host_key: Path | None = None
    shell: str = "/bin/sh"
    chroot: Path | None = None
    sudoers: str = ""
    port: int = 0
    address: str = "127.0.0.1"
    launcher: tuple[str, ...] = ()
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> "SshDaemon":
        if os.geteuid() != 0 or not Path("/usr/sbin/sshd").exists():
            unavailable("root and the package openssh-server")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.host_key = self.host_key or new_key(self.directory / "host_key")
        (self.directory / "authorized_keys").write_text(
            "".join(f"{line}\n" for line in self.authorized), encoding="ascii"
        )
        self._accounts()
        self.port = self.port or kept_port()
        (self.directory / "sshd_config").write_text(self._config(), encoding="ascii")
        (self.directory / "start.sh").write_text(self._script(), encoding="ascii")
        log = (self.directory / "sshd.log").open("ab")
        with log:
            self._process = subprocess.Popen(
                [*self.launcher, "unshare", "--mount", "--propagation", "private", "sh",
                 str(self.directory / "start.sh")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self._wait_until_it_listens()
        return self

    def log(self) -> str:
        return (self.directory / "sshd.log").read_text(encoding="utf-8", errors="replace")

    def logged(self, text: str, seconds: float = 60.0) -> bool:
        """Whether its log comes to hold `text`: sshd lets a client in before it logs that."""
        give_up = time.monotonic() + seconds
        while not (found := text in self.log()) and time.monotonic() < give_up:
            time.sleep(0.05)
        return found

    @property
    def sudo_log(self) -> Path:
        return self.directory / "sudo.log"

    def stop(self) -> None:
        """End the daemon and every session of it."""
        if self._process is None:
            return
        # First nobody comes in any more: who did now would outlive the daemon.
        self._process.send_signal(signal.SIGSTOP)
        self.cut()
        self._process.kill()
        self._process.wait()
        self._process = None

    def cut(self) -> None:
        """End every session, and let the daemon go on.

        Its own processes come first: they would tell of the end of a program as of its own.
        """
        _signal(reversed(self.sessions()), signal.SIGKILL)

    def signal_sessions(self, number: signal.Signals) -> None:
        _signal(self.sessions(), number)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def sessions(self) -> list[int]:
        """The processes that the daemon made, deepest first."""
        assert self._process is not None
        return _descendants(self._process.pid)

    @property
    def known_host(self) -> str:
        """The line for known_hosts."""
        assert self.host_key is not None
        words = Path(f"{self.host_key}.pub").read_text(encoding="ascii").split()
        return f"[{self.address}]:{self.port} {words[0]} {words[1]}"

    def _accounts(self) -> None:
        here = self.directory
        digest = "*"
        if self.password:
            digest = subprocess.run(
                ["openssl", "passwd", "-6", "-stdin"],
                input=self.password, capture_output=True, text=True, check=True,
            ).stdout.strip()  # fmt: skip
        account = f"{OPERATOR}:x:{OPERATOR_ID}:{OPERATOR_ID}::/:{self.shell}\n"
        _with_line("/etc/passwd", here / "passwd", account, 0o644)
        accounts = (here / "passwd").read_text(encoding="utf-8").splitlines()
        root = f"root:x:0:0::/root:{self.shell}"
        others = [line for line in accounts if not line.startswith("root:")]
        (here / "passwd").write_text("\n".join([root, *others, ""]), encoding="utf-8")
        _with_line("/etc/shadow", here / "shadow", f"{OPERATOR}:{digest}:19000::::::\n", 0o600)
        _with_line("/etc/group", here / "group", f"{OPERATOR}:x:{OPERATOR_ID}:\n", 0o644)
        service = "auth required pam_unix.so nodelay\naccount required pam_permit.so\n"
        (here / "pam").write_text(service + "session required pam_permit.so\n", encoding="ascii")
        if self.sudoers:
            if shutil.which("sudo") is None:
                unavailable("the package sudo")
            log = f"Defaults logfile={self.sudo_log}, !syslog, loglinelen=0\n"
            (here / "sudoers").write_text(log + self.sudoers, encoding="ascii")
            (here / "sudoers").chmod(0o440)

    def _script(self) -> str:
        here = self.directory
        lines = [f"mount --bind {here}/{name} /etc/{name}" for name in ("passwd", "group")]
        lines += [f"mount --bind {here}/shadow /etc/shadow"]
        lines += [f"mount --bind {here}/authorized_keys /etc/ssh/ssh_config"]
        lines += [f"mount --bind {here}/pam /etc/pam.d/sshd"]
        if self.sudoers:
            lines += [f"mount --bind {here}/sudoers /etc/sudoers"]
            lines += [f"mount --bind {here}/pam /etc/pam.d/sudo"]
            lines += [f"mount -t tmpfs -o mode=711 none {d}" for d in _SUDO_STATE]
        if self.chroot is not None:
            lines += [f"mount --bind {self.chroot} /mnt", "mount --rbind /proc /mnt/proc"]
            lines += ["mount --rbind /sys /mnt/sys", "mount --rbind /dev /mnt/dev"]
        lines += [f"exec /usr/sbin/sshd -D -e -f {here}/sshd_config"]
        return "set -e\n" + "\n".join(lines) + "\n"

    def _config(self) -> str:
        options = {
            "Port": str(self.port),
            "ListenAddress": self.address,
            "HostKey": str(self.host_key),
            "PidFile": "none",
            # A file that every account may read, and that sshd itself does not need.
            "AuthorizedKeysFile": "/etc/ssh/ssh_config",
            "StrictModes": "no",
            "UsePAM": "yes" if self.pam else "no",
            "PasswordAuthentication": "no",
            "KbdInteractiveAuthentication": "no",
            "PermitRootLogin": "yes",
            # In a chroot sshd tells a verbose log to the session as well.
            "LogLevel": "INFO" if self.chroot is not None else "VERBOSE",
            "PrintMotd": "no",
            "PerSourcePenalties": "no",
            **({"ChrootDirectory": "/mnt"} if self.chroot is not None else {}),
            **self.options,
        }
        if not _knows_penalties():
            del options["PerSourcePenalties"]
        return "".join(f"{name} {value}\n" for name, value in options.items())

    def _wait_until_it_listens(self) -> None:
        limit = time.monotonic() + START_TIME
        while time.monotonic() < limit:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"sshd did not start: {self.log()}")
            try:
                with socket.create_connection((self.address, self.port), 10.0) as opened:
                    if opened.recv(4) == b"SSH-":
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"sshd does not listen: {self.log()}")


def new_key(path: Path, passphrase: str = "", kind: str = "ed25519") -> Path:
    """A new key pair; the private half is at `path`."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "a test's key", "-f", str(path)],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return path


def public_line(key: Path) -> str:
    return Path(f"{key}.pub").read_text(encoding="ascii").strip()


def kept_port() -> int:
    """A port where nothing listens, and that nobody gets who asks for a free one."""
    _KEPT.append(reserve())
    port: int = _KEPT[-1].getsockname()[1]
    return port


_KEPT: deque[socket.socket] = deque(maxlen=32)
"""More than one test has use for; the oldest is free again."""


def free_port() -> int:
    """For programs that may not bind beside a socket that is kept."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def busybox_tree(root: Path) -> Path:
    """A directory with nothing but BusyBox in it."""
    binary = shutil.which("busybox")
    if binary is None:
        unavailable("the package busybox-static")
    for name in ("bin", "sbin", "usr/bin", "usr/sbin", "proc", "sys", "dev", "tmp", "etc", "run"):
        (root / name).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    shutil.copy(binary, root / "bin" / "busybox")
    listed = subprocess.run([binary, "--list"], capture_output=True, text=True, check=True)
    for applet in listed.stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    for library in _libraries(binary):
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)
    (root / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\n", encoding="ascii")
    return root


def _libraries(binary: str) -> list[str]:
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False)
    words = listed.stdout.split() if listed.returncode == 0 else []
    return [word for word in words if word.startswith("/")]


def _with_line(source: str, place: Path, line: str, mode: int) -> None:
    place.write_text(Path(source).read_text(encoding="utf-8") + line, encoding="utf-8")
    place.chmod(mode)


def _knows_penalties() -> bool:
    told = subprocess.run(
        ["/usr/sbin/sshd", "-T", "-o", "PerSourcePenalties=no", "-f", "/dev/null"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "Bad configuration option" not in told.stderr and "Unsupported" not in told.stderr


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return found
    for task in tasks:
        try:
            children = (task / "children").read_text(encoding="ascii").split()
        except OSError:
            continue
        for child in children:
            found += [*_descendants(int(child)), int(child)]
    return found
