"""A connection through the program that ProxyCommand names (ssh_config(5))."""

import contextlib
import re
import socket
import subprocess


class CommandLine:
    """One end of a socket pair, with the program at the other. See transport.Line."""

    def __init__(self, command: str) -> None:
        """Raises OSError where no shell can be started."""
        self._socket, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {command}"],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            self._socket.close()
            raise
        finally:
            theirs.close()

    def send(self, data: bytes) -> int:
        return self._socket.send(data)

    def recv(self, size: int) -> bytes:
        return self._socket.recv(size)

    def settimeout(self, seconds: float | None) -> None:
        self._socket.settimeout(seconds)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        with contextlib.suppress(OSError):
            self._process.terminate()
        try:
            self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def expanded(command: str, host: str, port: int, user: str) -> str:
    """`command` with the tokens %h, %p, %r and %% that ssh_config(5) lets it hold."""
    tokens = {"%h": host, "%p": str(port), "%r": user, "%%": "%"}
    return re.sub("%[hpr%]", lambda found: tokens[found.group()], command)
