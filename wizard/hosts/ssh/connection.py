"""Opens a connection: settings, way (direct, jump hosts, proxy program), host key, login."""

import contextlib
import errno
import logging
import socket
import threading
import time
from collections.abc import Callable

import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from wizard.hosts.ssh.auth import authenticate
from wizard.hosts.ssh.config import SshFiles, SshSettings, settings_for
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.host_key import ShownKey, entries_for, preferred_algorithms, verify
from wizard.hosts.ssh.known_hosts import KnownHost
from wizard.hosts.ssh.prompt import Remembered
from wizard.hosts.ssh.proxy_command import CommandLine, expanded
from wizard.hosts.ssh.transport import ByteStream, CountedStream, SshTransport, without_delay
from wizard.safety.sanitize import sanitize
from wizard.target.model import SshPlace
from wizard.units import duration

MAX_JUMPS = 8

_GLANCE = 0.5
"""Seconds between looks whether the connection is still open."""

LOGIN_TIME = 120.0
"""Seconds for a login in which somebody types; sshd's LoginGraceTime by default."""

# Without a handler of its own Python would print the library's tracebacks on stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())


class SshConnection:
    """One verified, authenticated connection and the jump host's before it.

    `how` says how we were let in. `lost` is true once the other side is gone, which `watch`
    notices within two keepalive intervals, whatever the way.
    """

    def __init__(
        self,
        transport: SshTransport,
        settings: SshSettings,
        how: str,
        through: "SshConnection | None",
    ) -> None:
        self.transport = transport
        self.settings = settings
        self.how = how
        self._through = through
        self._closed = threading.Event()

    @property
    def lost(self) -> bool:
        return not self.transport.is_active()

    @property
    def host_key(self) -> bytes:
        return self.transport.get_remote_server_key().asbytes()

    @property
    def label(self) -> str:
        """`host`, or `host through jump`."""
        if self._through is None:
            return self.settings.place.label
        return f"{self.settings.place.label} through {self._through.label}"

    def close(self) -> None:
        self._closed.set()
        self.transport.close()
        if self._through is not None:
            self._through.close()

    def watch(self, lost: Callable[[], None]) -> None:
        """Look after the connection until it is closed; `lost` is called, in a thread of the
        watcher's, once it is gone before that."""
        threading.Thread(
            target=self._watch, args=(lost,), name="ssh keepalive", daemon=True
        ).start()

    def _watch(self, lost: Callable[[], None]) -> None:
        interval = self.settings.keepalive
        while not self._closed.wait(min(_GLANCE, interval)):
            if not self.transport.is_active():
                lost()
                return
            if time.monotonic() - self.transport.line.heard_at < interval:
                continue
            asked = time.monotonic()
            judge = threading.Timer(interval, self._judge, (asked,))
            judge.daemon = True
            judge.start()
            with contextlib.suppress(SSHException, EOFError, OSError):
                self.transport.global_request("keepalive@openssh.com")
            judge.cancel()

    def _judge(self, asked: float) -> None:
        if self.transport.line.heard_at < asked:
            self.transport.close()


def open_connection(
    place: SshPlace,
    files: SshFiles,
    prompt: Remembered,
    through: SshConnection | None = None,
    depth: int = 0,
) -> SshConnection:
    """Connect to `place`, through its jump hosts where it has some. Raises SshError."""
    if depth > MAX_JUMPS:
        raise SshError(
            SshFailure.SETTINGS,
            f"more than {MAX_JUMPS} jump hosts lead to {place.label}",
            "a ProxyJump in ~/.ssh/config may name its own host",
        )
    settings = settings_for(place, files)
    opened = through
    if through is None:
        for jump in settings.jumps:
            opened = open_connection(jump, files, prompt, opened, depth + 1)
    try:
        return _connected(settings, opened, prompt)
    except BaseException:
        if opened is not None and opened is not through:
            opened.close()
        raise


def _connected(
    settings: SshSettings, through: SshConnection | None, prompt: Remembered
) -> SshConnection:
    entries = entries_for(settings)
    line = CountedStream(_line(settings, through))
    try:
        transport = SshTransport(line)
    except (SSHException, OSError):
        line.close()
        raise
    try:
        key = _handshake(transport, settings, entries, through)
        shown = ShownKey(key.get_name(), key.asbytes(), transport.certificate)
        verify(settings, entries, shown, prompt)
        how = authenticate(transport, settings, prompt)
    except BaseException:
        transport.close()
        raise
    return SshConnection(transport, settings, how, through)


def _handshake(
    transport: SshTransport,
    settings: SshSettings,
    entries: tuple[KnownHost, ...],
    through: SshConnection | None,
) -> paramiko.PKey:
    """The host key that the other side shows. Raises SshError."""
    transport.banner_timeout = settings.connect_timeout
    transport.auth_timeout = LOGIN_TIME
    transport.prefer(preferred_algorithms(settings, entries, transport.preferred_keys))
    began = time.monotonic()
    try:
        transport.start_client(timeout=settings.connect_timeout)
        # Where the time ran out, this is what fails.
        return transport.get_remote_server_key()
    except paramiko.ssh_exception.IncompatiblePeer as error:
        raise SshError(
            SshFailure.NO_COMMON_METHOD,
            f"{settings.host} and this side share no {_what(str(error))}",
            "the SSH server there is old or locked down: bring it up to date, or allow a current "
            "method in its sshd_config",
        ) from None
    except (SSHException, EOFError, OSError) as error:
        if through is not None and through.lost:
            raise _jump_gone(settings, through) from None
        raise _no_handshake(settings, str(error), time.monotonic() - began, through) from None


def _what(text: str) -> str:
    for word in ("kex", "host key", "cipher", "mac"):
        if word in text.lower():
            return {"kex": "key exchange", "mac": "integrity check"}.get(word, word) + " method"
    return "method"


def _no_handshake(
    settings: SshSettings, text: str, waited: float, through: SshConnection | None
) -> SshError:
    place = f"{settings.host}:{settings.port}"
    if through is not None:
        place += f", through {through.settings.host},"
    if settings.proxy_command and not settings.jumps:
        return SshError(
            SshFailure.PROXY,
            f"the ProxyCommand for {place} gives no SSH connection",
            f"run it by hand: {settings.proxy_command}",
        )
    if waited >= settings.connect_timeout * 0.9 or "timed out" in text.lower():
        return SshError(
            SshFailure.TIMEOUT,
            f"{place} accepts the connection but does not finish the SSH greeting within "
            f"{duration(round(waited))}",
            "the host is overloaded, or the port belongs to another service",
        )
    return SshError(
        SshFailure.NOT_SSH,
        f"{place} accepts the connection and is no SSH server, or closes it at once",
        "check the port; sshd may refuse this address (MaxStartups, PerSourcePenalties, "
        "hosts.deny)",
    )


def _line(settings: SshSettings, through: SshConnection | None) -> ByteStream:
    if through is not None:
        return _through_jump(settings, through)
    if settings.proxy_command:
        command = expanded(settings.proxy_command, settings.host, settings.port, settings.user)
        try:
            return CommandLine(command)
        except OSError as error:
            raise SshError(
                SshFailure.PROXY, f"the ProxyCommand cannot be started ({error.strerror})"
            ) from None
    return _direct(settings)


def _through_jump(settings: SshSettings, through: SshConnection) -> ByteStream:
    there = (settings.host, settings.port)
    try:
        return through.transport.open_channel(
            "direct-tcpip", there, ("127.0.0.1", 0), timeout=settings.connect_timeout
        )
    except ChannelException as refused:
        said = sanitize(through.transport.refusal, 200)
        raise SshError(
            SshFailure.PROXY,
            f"the jump host {through.settings.host} does not reach "
            f"{settings.host}:{settings.port} ({said or refused.text})",
            "AllowTcpForwarding on the jump host must be on, and the name must be known there",
        ) from None
    except (SSHException, EOFError, OSError):
        if through.lost:
            raise _jump_gone(settings, through) from None
        raise SshError(
            SshFailure.PROXY,
            f"the jump host {through.settings.host} gives no connection to "
            f"{settings.host}:{settings.port} within {duration(round(settings.connect_timeout))}",
        ) from None


def _jump_gone(settings: SshSettings, through: SshConnection) -> SshError:
    jump = through.settings.host
    return SshError(
        SshFailure.PROXY,
        f"the jump host {jump} went away on the way to {settings.host}",
        "look at that machine",
    )


def _direct(settings: SshSettings) -> socket.socket:
    place = f"{settings.host}:{settings.port}"
    try:
        opened = socket.create_connection((settings.host, settings.port), settings.connect_timeout)
    except (socket.gaierror, UnicodeError) as error:
        text = getattr(error, "strerror", None) or "no valid name"
        raise SshError(
            SshFailure.NAME,
            f"the name {settings.host} does not resolve ({text})",
            "check the name, or give HostName in ~/.ssh/config",
        ) from None
    except TimeoutError:
        raise SshError(
            SshFailure.TIMEOUT,
            f"{place} does not answer within {duration(round(settings.connect_timeout))}",
            "a firewall drops the packets, the host is down, or the address is wrong",
        ) from None
    except OSError as error:
        raise _not_opened(place, error) from None
    without_delay(opened, settings.keepalive)
    return opened


def _not_opened(place: str, error: OSError) -> SshError:
    if error.errno == errno.ECONNREFUSED:
        return SshError(
            SshFailure.REFUSED,
            f"nothing listens at {place}",
            "sshd is down or uses another port: give HOST:PORT or Port in ~/.ssh/config",
        )
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return SshError(
            SshFailure.UNREACHABLE,
            f"there is no route to {place}",
            "check the address and the firewall, or name a jump host with ProxyJump",
        )
    return SshError(SshFailure.UNREACHABLE, f"{place} cannot be reached ({error.strerror})")
