"""Why no session could be opened, in the operator's terms. Pure: text and numbers in."""

import errno as os_errno
from dataclasses import replace

from wizard.safety.redact_sql import MASK
from wizard.safety.sanitize import sanitize
from wizard.server.failed_attempt import FailedAttempt, Stage
from wizard.server.foreign_greeting import speaker
from wizard.server.refused_logins import refused_by_server
from wizard.server.session import CannotConnect, QueryDenied, ServerError
from wizard.server.tls_failures import tls_failed
from wizard.target.model import Target
from wizard.units import duration

JUDGED = (
    "state.refused",
    "state.no-socket",
    "state.timeout",
    "state.unreachable",
    "state.name-unknown",
    "state.no-greeting",
    "state.too-many-connections",
    "state.access-denied",
    "state.host-blocked",
    "state.host-not-allowed",
    "state.user-limit",
    "state.offline-mode",
    "state.init-connect",
    "state.tls-failed",
    "state.shutting-down",
    "state.answers",
)
"""Every signal that one attempt to connect decides."""

NO_ANSWER = frozenset(
    {
        "state.refused",
        "state.no-socket",
        "state.timeout",
        "state.unreachable",
        "state.name-unknown",
        "state.no-greeting",
    }
)
"""Signals of an attempt that no MySQL server answered."""


def refusal(
    target: Target, attempt: FailedAttempt, connection_id: int | None = None
) -> CannotConnect:
    """The attempt as an error with what to do next, and the signal that it is."""
    refused = _refused(target, replace(attempt, text=_without_password(attempt.text, target)))
    refused.connection_id = connection_id
    refused.given_up = attempt.timed_out and attempt.stage not in (Stage.RESOLVE, Stage.OPEN)
    return refused


def refusal_after_login(
    target: Target, error: ServerError, connection_id: int | None = None
) -> CannotConnect:
    """As `refusal`, where the server let the account in and refused its first statement."""
    attempt = FailedAttempt(Stage.LOGIN, _without_password(str(error), target), number=error.number)
    known = None if isinstance(error, QueryDenied) else refused_by_server(target, attempt)
    refused = known or CannotConnect(
        f"the server lets the account in and then fails: {attempt.text}", error.number
    )
    refused.connection_id, refused.let_in = connection_id, True
    return refused


def _without_password(text: str, target: Target) -> str:
    """What a server said, which may say again what it was given. A name is no secret of itself."""
    password = target.password.reveal() if target.password else ""
    if not password or password in (target.user, target.database, target.host):
        return text
    return text.replace(password, MASK)


def _refused(target: Target, attempt: FailedAttempt) -> CannotConnect:
    if attempt.number is not None and (told := refused_by_server(target, attempt)):
        return told
    match attempt.stage:
        case Stage.RESOLVE:
            return _name_unknown(target, attempt)
        case Stage.OPEN:
            return _not_opened(target, attempt)
        case Stage.GREETING:
            return _no_greeting(target, attempt)
        case Stage.TLS:
            return tls_failed(target, attempt)
        case Stage.LOGIN:
            return _login_broke(target, attempt)


def _name_unknown(target: Target, attempt: FailedAttempt) -> CannotConnect:
    return CannotConnect(
        f"the name {sanitize(target.host or 'localhost')} does not resolve"
        f" ({sanitize(attempt.text)})",
        2005,
        "check the name and /etc/resolv.conf, or give the server's address",
        "state.name-unknown",
    )


def _not_opened(target: Target, attempt: FailedAttempt) -> CannotConnect:
    place = sanitize(target.label)
    code = attempt.errno
    number = 2002 if target.socket else 2003
    if attempt.timed_out or code == os_errno.ETIMEDOUT:
        return CannotConnect(
            f"{place} does not answer within {duration(round(attempt.seconds))}",
            number,
            "a firewall drops the packets, the host is down, or the address is wrong",
            "state.timeout",
        )
    if code in (os_errno.EHOSTUNREACH, os_errno.ENETUNREACH, os_errno.EHOSTDOWN):
        return CannotConnect(
            f"there is no route to {place}",
            number,
            "check the address, the routes and the firewall between here and the server",
            "state.unreachable",
        )
    if target.socket:
        return _socket_not_opened(place, attempt)
    if code == os_errno.ECONNREFUSED:
        return CannotConnect(
            f"nothing listens at {place}",
            number,
            "the server is down, uses another port, or is bound to another address "
            "(bind_address, skip_networking)",
            "state.refused",
        )
    return CannotConnect(f"{place} cannot be reached: {sanitize(attempt.text)}", number)


def _socket_not_opened(place: str, attempt: FailedAttempt) -> CannotConnect:
    if attempt.errno == os_errno.ECONNREFUSED:
        return CannotConnect(
            f"nothing listens at the socket {place}: the server that made it is gone",
            2002,
            "start the server; the stale socket file is replaced then",
            "state.refused",
        )
    if attempt.errno == os_errno.EAGAIN:
        return CannotConnect(
            f"the server at {place} does not take connections: its queue is full",
            2002,
            "the server hangs or is overloaded; look at its error log and at the load",
            "state.timeout",
        )
    if attempt.errno in (os_errno.EACCES, os_errno.EPERM):
        return CannotConnect(
            f"this account may not open the socket {place}",
            2002,
            "run as root, or connect over TCP with --host 127.0.0.1",
        )
    if attempt.errno in (os_errno.ENOENT, os_errno.ENOTDIR):
        return CannotConnect(
            f"there is no socket {place}",
            2002,
            "the server is down, or its socket is elsewhere: give --socket or --host 127.0.0.1",
            "state.no-socket",
        )
    if attempt.errno == os_errno.ENOTSOCK:
        return CannotConnect(
            f"{place} is no socket", 2002, "give the server's socket with --socket"
        )
    return CannotConnect(f"the socket {place} cannot be opened: {sanitize(attempt.text)}", 2002)


def _no_greeting(target: Target, attempt: FailedAttempt) -> CannotConnect:
    place = sanitize(target.label)
    if attempt.timed_out:
        return CannotConnect(
            f"{place} accepts the connection but sends no greeting within "
            f"{duration(round(attempt.seconds))}",
            2013,
            "the server hangs, or looks up this host's name for long (skip_name_resolve), or "
            "the port belongs to another service",
            "state.timeout",
        )
    if attempt.heard:
        return CannotConnect(
            f"{place} is no MySQL server: {speaker(attempt.heard)} answers there",
            2013,
            "check the host and the port",
            "state.no-greeting",
        )
    return CannotConnect(
        f"{place} accepts the connection and closes it without a greeting",
        2013,
        "a proxy, container or tunnel has no server behind it, or the server denies this host "
        "(TCP wrappers); try from the server itself",
        "state.no-greeting",
    )


def _login_broke(target: Target, attempt: FailedAttempt) -> CannotConnect:
    place = sanitize(target.label)
    if attempt.timed_out:
        return CannotConnect(
            f"{place} greets but does not finish the login within "
            f"{duration(round(attempt.seconds))}",
            2013,
            "the server hangs or is overloaded; look at its error log and at the load",
            "state.timeout",
        )
    if attempt.number in (2006, 2013, None):
        if attempt.encrypted and target.tls.cert is not None:
            # With TLS 1.3 the server looks at it after the client is done, and may be gone then.
            return CannotConnect(
                f"{place} breaks the connection after the TLS handshake ({sanitize(attempt.text)})",
                attempt.number or 2013,
                "it may not take the certificate of --ssl-cert (another authority than its ssl_ca,"
                " or no longer valid): try without it, and look at the server's error log",
            )
        return CannotConnect(
            f"{place} breaks the connection during the login ({sanitize(attempt.text)})",
            attempt.number or 2013,
            "look at the server's error log for this moment; an init_connect that fails does this",
        )
    return CannotConnect(f"{place} refuses the login: {sanitize(attempt.text)}", attempt.number)
