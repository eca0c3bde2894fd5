"""An SSH host that means harm, before and after the login. Every key is let in."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import paramiko
from paramiko.common import AUTH_SUCCESSFUL, OPEN_SUCCEEDED

Raw = Callable[["HostileSsh", socket.socket], None]
After = Callable[["HostileSsh", paramiko.Channel], None]
Login = Callable[["HostileSsh", paramiko.Transport], None]

VERSION = b"SSH-2.0-OpenSSH_9.2\r\n"


def endless_lines(host: "HostileSsh", line: socket.socket) -> None:
    host.send_on(line, b"welcome\r\n" * 1000)


def endless_line(host: "HostileSsh", line: socket.socket) -> None:
    host.send_on(line, b"x" * 10_000)


def dripping_version(host: "HostileSsh", line: socket.socket) -> None:
    host.send_on(line, b"x", 0.2)


def huge_packet(host: "HostileSsh", line: socket.socket) -> None:
    line.sendall(VERSION + b"\x7f\xff\xff\xf0\x04\x14")
    host.send_on(line, b"\0" * 100_000)


BEFORE: dict[str, Raw] = {
    "endless lines": endless_lines,
    "an endless line": endless_line,
    "a dripping version": dripping_version,
    "a huge packet": huge_packet,
}
"""What comes in place of a handshake."""


def endless_answer(host: "HostileSsh", channel: paramiko.Channel) -> None:
    host.flood(channel.sendall, b"81a4 10 1 a\n" * 1000)


def endless_complaints(host: "HostileSsh", channel: paramiko.Channel) -> None:
    host.flood(channel.sendall_stderr, b"no\n" * 1000)


def no_window(host: "HostileSsh", _channel: paramiko.Channel) -> None:
    """What the command is given is never taken."""
    host.ended.wait()


def dripping_window(host: "HostileSsh", channel: paramiko.Channel) -> None:
    while not host.ended.wait(0.05) and channel.recv(1):
        pass


def global_requests(host: "HostileSsh", channel: paramiko.Channel) -> None:
    transport = channel.get_transport()
    while not host.ended.is_set():
        transport.global_request("keepalive@example.com", wait=False)


AFTER: dict[str, After] = {
    "an endless answer": endless_answer,
    "endless complaints": endless_complaints,
    "no window": no_window,
    "a window in drips": dripping_window,
    "endless global requests": global_requests,
}
"""What a command does, whatever it is."""


def silent(host: "HostileSsh", _transport: paramiko.Transport) -> None:
    host.ended.wait()


def cut(_host: "HostileSsh", transport: paramiko.Transport) -> None:
    transport.close()


LOGIN: dict[str, Login] = {"silence": silent, "an end": cut}
"""What comes in place of a word about a key."""


class _Lets(paramiko.ServerInterface):
    def __init__(self, starts: bool, before_login: Callable[[], None], opens: bool) -> None:
        self.starts = starts
        self.before_login, self.opens = before_login, opens
        self.asked = threading.Event()

    def get_allowed_auths(self, _username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, _username: str, _key: paramiko.PKey) -> int:
        self.before_login()
        return int(AUTH_SUCCESSFUL)

    def check_channel_request(self, _kind: str, _chanid: int) -> int:
        while not self.opens:
            time.sleep(0.2)
        return int(OPEN_SUCCEEDED)

    def check_channel_exec_request(self, _channel: paramiko.Channel, _command: bytes) -> bool:
        while not self.starts:
            time.sleep(0.2)
        return True


class HostileSsh:
    """Listens on loopback. `before` speaks in place of SSH; `after` is each command, None one
    whose start is never answered; `login` comes before each key is let in; `opens`: whether a
    channel is ever opened."""

    def __init__(
        self,
        before: Raw | None = None,
        after: After | None = None,
        login: Login | None = None,
        opens: bool = True,
    ) -> None:
        self._before, self._after = before, after
        self._login, self._opens = login, opens
        self.key = paramiko.ECDSAKey.generate()
        self.sent = 0
        self.ended = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address, self.port = self._socket.getsockname()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def known_host(self) -> str:
        return f"[{self.address}]:{self.port} {self.key.get_name()} {self.key.get_base64()}"

    def close(self) -> None:
        self.ended.set()
        self._socket.close()

    def send_on(self, line: socket.socket, data: bytes, rest: float = 0.0) -> None:
        while not self.ended.wait(rest):
            line.sendall(data)
            self.sent += len(data)

    def flood(self, send: Callable[[bytes], object], data: bytes) -> None:
        while not self.ended.is_set():
            send(data)
            self.sent += len(data)

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError, paramiko.SSHException, EOFError):
            if self._before is not None:
                self._before(self, line)
                return
            transport = paramiko.Transport(line, default_window_size=16)
            transport.add_server_key(self.key)
            transport.start_server(
                server=_Lets(
                    self._after is not None, lambda: self._before_login(transport), self._opens
                )
            )
            while (channel := transport.accept(60)) is not None:
                if self._after is not None:
                    threading.Thread(target=self._run, args=(channel,), daemon=True).start()

    def _before_login(self, transport: paramiko.Transport) -> None:
        if self._login is not None:
            self._login(self, transport)

    def _run(self, channel: paramiko.Channel) -> None:
        with suppress(OSError, paramiko.SSHException, EOFError):
            assert self._after is not None
            self._after(self, channel)
