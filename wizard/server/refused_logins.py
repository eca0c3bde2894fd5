"""What a server's own refusal means: MySQL error numbers of the login, in the operator's terms.

Numbers: MySQL "Server Error Message Reference" and "Client Error Message Reference".
"""

import re

from wizard.safety.sanitize import sanitize
from wizard.server.bounded_connection import IN_CLEAR
from wizard.server.failed_attempt import FailedAttempt
from wizard.server.session import CannotConnect
from wizard.target.model import SslMode, Target


def refused_by_server(target: Target, attempt: FailedAttempt) -> CannotConnect | None:
    """What a server's own error says; None for numbers that the driver made up."""
    text = sanitize(attempt.text)
    number = attempt.number
    match number:
        case 1045 | 1698:
            return _access_denied(target, attempt, text)
        case 1044 | 1049:
            return CannotConnect(
                f"the server refuses the database: {text}",
                number,
                "leave the database out of the target, or name one that this account may use",
                "state.access-denied" if number == 1044 else "",
            )
        case 3159:
            return CannotConnect(
                "the server takes encrypted connections only (require_secure_transport)",
                number,
                "use --ssl-mode=REQUIRED",
                "state.tls-failed",
            )
        case 2061:
            return _needs_secure(target, number)
        case 2059 if text == IN_CLEAR:
            return _needs_secure(target, number, clear=True)
        case 1524 | 2059 | 1251:
            return CannotConnect(
                "this account's authentication plugin is not available: "
                + _AS_BYTES.sub(r"the wizard does not speak '\1'", text),
                number,
                "use an account with a password alone, by caching_sha2_password,"
                " mysql_native_password or (MariaDB) ed25519",
                "state.access-denied",
            )
    if number not in _PLAIN:
        return None
    message, advice, signal = _PLAIN[number]
    return CannotConnect(f"{message} ({text})", number, advice, signal)


_PLAIN: dict[int, tuple[str, str, str]] = {
    1040: (
        "the server has no free connection slot",
        "wait, or connect as an account with SUPER or CONNECTION_ADMIN (one slot is kept for "
        "it), or over admin_port or extra_port",
        "state.too-many-connections",
    ),
    1053: (
        "the server is shutting down",
        "wait until it is up again",
        "state.shutting-down",
    ),
    1129: (
        "the server blocks this host after too many broken handshakes",
        "TRUNCATE performance_schema.host_cache on MySQL, or mariadb-admin flush-hosts; then "
        "find what breaks the handshakes",
        "state.host-blocked",
    ),
    1130: (
        "no account of the server matches this host",
        "connect from a host that an account allows, or create one for this host (CREATE USER)",
        "state.host-not-allowed",
    ),
    1184: (
        "the server lets the account in, and ends its session as init_connect fails for it",
        "an administrator's account does not run it: mend what SELECT @@init_connect shows",
        "state.init-connect",
    ),
    1203: (
        "this account has all the connections that it may have",
        "end some of its sessions, or raise its limit (SHOW CREATE USER, max_user_connections)",
        "state.user-limit",
    ),
    1226: (
        "this account has reached a limit of its own",
        "take another account, or raise the limit; one per hour ends with the hour, or by FLUSH"
        " USER_RESOURCES (SHOW CREATE USER shows which it is)",
        "state.user-limit",
    ),
    3032: (
        "the server is in offline mode",
        "SET GLOBAL offline_mode = OFF as an administrator",
        "state.offline-mode",
    ),
    1275: (
        "the server has this account's password in the format of before MySQL 4.1, or has no such"
        " account",
        "check the name; if it is right, give that account a new password",
        "state.access-denied",
    ),
    3118: ("this account is locked", "ALTER USER ... ACCOUNT UNLOCK", "state.access-denied"),
    4151: ("this account is locked", "ALTER USER ... ACCOUNT UNLOCK", "state.access-denied"),
    **dict.fromkeys(
        (3955, 4150),
        (
            "this account is blocked after too many wrong passwords",
            "find who has the wrong one; then FLUSH PRIVILEGES on MariaDB, on MySQL ALTER USER ..."
            " ACCOUNT UNLOCK",
            "state.access-denied",
        ),
    ),
    **dict.fromkeys(
        (1820, 1862),
        (
            "this account's password has expired",
            "log in with the mysql client and set a new one (ALTER USER USER() IDENTIFIED BY ...)",
            "state.access-denied",
        ),
    ),
}

_AS_BYTES = re.compile(r"Authentication plugin 'b'([^']{0,64})[^']*'{0,2}(?: not configured)?")
"""How the driver shows the plugin's name."""

_ACCOUNT = re.compile(r"for user '([^']{0,128})'(?:@'([^']{0,255})')?")


def _needs_secure(target: Target, number: int, clear: bool = False) -> CannotConnect:
    how = f" {IN_CLEAR}" if clear else ""
    ways = (
        ", or go through its socket or --ssh to its own machine"
        if clear
        else ", give the server's own key (--server-public-key-path FILE), go through its socket or"
        " --ssh, or, on a network that you trust, --get-server-public-key"
    )
    return CannotConnect(
        f"{sanitize(target.label)} asks '{sanitize(target.user)}' for the password{how} on a"
        " connection without TLS; nothing is sent, for the server may be a stranger",
        number,
        f"set up TLS (--ssl-mode=REQUIRED){ways}",
    )


def _access_denied(target: Target, attempt: FailedAttempt, text: str) -> CannotConnect:
    match = _ACCOUNT.search(text)
    account = f"'{match[1]}'@'{match[2]}'" if match and match[2] else f"'{sanitize(target.user)}'"
    if attempt.number == 1698:
        # MariaDB answers names that it does not have as if they were some account that it has.
        advice = (
            "an account that logs in by its system user: run as that user, over the socket; MariaDB"
            " may say so of a name, too, that it does not let in from this host"
        )
    elif target.password is None:
        advice = "no password was sent: use -p, --password-file or ~/.my.cnf"
    else:
        advice = "check the password, and that this account is the one for this host"
    return CannotConnect(
        f"the server refuses the account {account} ({text})",
        attempt.number,
        advice + _required(target, attempt),
        "state.access-denied",
    )


def _required(target: Target, attempt: FailedAttempt) -> str:
    """What CREATE USER ... REQUIRE may want: the server says 1045 of that, and no more.

    So does MariaDB's require_secure_transport. Over a socket REQUIRE SSL holds as well.
    """
    if attempt.number == 1698:
        return ""
    if attempt.encrypted:
        return (
            "; an account with REQUIRE X509 needs --ssl-cert and --ssl-key"
            if target.tls.cert is None
            else "; REQUIRE SUBJECT or ISSUER may want another certificate"
        )
    if target.socket is None and target.tls.mode is not SslMode.DISABLED:
        return "; an account that requires TLS is refused the same way"
    return "; an account that requires TLS needs --ssl-mode=REQUIRED"
