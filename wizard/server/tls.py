"""Which TLS a connection uses, as the mysql client chooses it."""

import ssl
from socket import socket

from wizard.safety.system_words import in_words
from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.greeting import AttemptFailed, Greeting
from wizard.server.login_stages import LoginStages
from wizard.target.model import SslMode, Target


def tls_context(target: Target, greeting: Greeting) -> ssl.SSLContext | None:
    """The TLS to use, or None for a plain connection. Raises AttemptFailed.

    As in the mysql client, PREFERRED takes TLS where it is offered, and leaves a Unix socket
    as it is.
    """
    mode = target.tls.mode
    if mode is SslMode.DISABLED:
        return None
    if mode is SslMode.PREFERRED and (target.socket or not greeting.offers_tls):
        return None
    if not greeting.offers_tls:
        raise AttemptFailed(FailedAttempt(Stage.TLS))
    try:
        return _context(target)
    except (OSError, ValueError) as error:
        text = f"the certificate files cannot be used: {in_words(str(error))}"
        raise AttemptFailed(FailedAttempt(Stage.TLS, text)) from None


def _context(target: Target) -> ssl.SSLContext:
    tls = target.tls
    context = ssl.create_default_context(cafile=str(tls.ca) if tls.ca else None)
    # The certificates that servers make for themselves fail the strict checks that are the
    # default since Python 3.13.
    context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    context.check_hostname = tls.mode is SslMode.VERIFY_IDENTITY
    if tls.mode not in (SslMode.VERIFY_CA, SslMode.VERIFY_IDENTITY):
        context.verify_mode = ssl.CERT_NONE
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key)
    return context


class TimedHandshake:
    """Stands for a context where the driver wraps its socket, and notes how long that took.

    `is_done` once both sides agree.
    """

    is_done = False

    def __init__(self, context: ssl.SSLContext, laps: LoginStages) -> None:
        self._context = context
        self._laps = laps

    def wrap_socket(self, opened: socket, server_hostname: str | None = None) -> ssl.SSLSocket:
        with self._laps.of("tls"):
            wrapped = self._context.wrap_socket(opened, server_hostname=server_hostname)
        self.is_done = True
        return wrapped
