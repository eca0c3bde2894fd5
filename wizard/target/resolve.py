"""Folds flags, URL, login path, option files and environment into one Target.

Precedence and the choice between socket and TCP: MySQL Reference Manual, "Command Options for
Connecting to the Server" and "Environment Variables". One difference is MariaDB's (10.6 and
later): a port on the command line asks for TCP even where the host is `localhost`.
"""

import os
import pwd
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.at_home import at_home
from wizard.target.defaults import DEFAULT_PORT, DEFAULT_SOCKETS
from wizard.target.flags import TargetArguments
from wizard.target.given_file import Say, read_given, require_pem, require_usable, unheard
from wizard.target.inputs import Given, Inputs, gather, without_nul
from wizard.target.model import Secret, SslMode, Target, Tls
from wizard.units import LAST_PORT, whole_number

MAX_PASSWORD_FILE = 4096


def resolve_target(
    arguments: TargetArguments,
    prompt: Callable[[str], str] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    sockets: Sequence[str] = DEFAULT_SOCKETS,
    remark: Callable[[str], None] = lambda _text: None,
) -> Target:
    """The target that `arguments` and this account's option files name.

    `prompt` asks for a password (None: there is nobody to ask); `remark` takes lines about
    option files that were ignored. Raises UsageError.
    """
    inputs = gather(arguments, environ, remark)
    host = _host(inputs)
    socket = _socket(inputs, host, sockets)
    user = _user(inputs)
    password = _password(inputs, prompt, user.value, remark)
    port = _port(inputs)
    place = socket or Given(host.value if host else "localhost", host.origin if host else "")
    origin = [_phrase("socket" if socket else "host", place.origin)]
    if socket is None:
        origin.append(_phrase("port", port.origin))
    origin.append(_phrase("user", user.origin))
    origin.append(_phrase("password", password.origin) if password else "no password")
    return Target(
        host=host.value if host else None,
        port=int(port.value),
        socket=socket.value if socket else None,
        user=user.value,
        password=Secret(password.value) if password else None,
        database=_database(inputs),
        tls=_tls(inputs),
        origin=", ".join(origin),
    )


def says_where(
    arguments: TargetArguments, environ: Mapping[str, str] = os.environ, say: Say = unheard
) -> bool:
    """Whether the command line, an option file or MYSQL_HOST names the server.

    The mysql client goes there, with this account's password. This machine's own address without
    a port names none of its servers. `say` is told of a wait. Raises UsageError.
    """
    if arguments.names_server:
        return True
    inputs = gather(arguments, environ, unheard, say)
    host = _host(inputs)
    if host is None or host.value in ("", "localhost"):
        return False
    return bool(_port(inputs).origin) or not Target(host=host.value).is_loopback


def _phrase(what: str, origin: str) -> str:
    return f"{what} from {sanitize(origin)}" if origin else f"{what} by default"


def _typed(flag: object, name: str, from_url: object) -> Given | None:
    """A value of the command line: the flag, else the URL."""
    if flag is not None:
        return Given(str(flag), name)
    return None if from_url is None else Given(str(from_url), "the URL")


def _host(inputs: Inputs) -> Given | None:
    host = (
        _typed(inputs.flags.host, "--host", inputs.url.host)
        or inputs.option("host")
        or inputs.variable("MYSQL_HOST")
    )
    if host is not None and not _can_be_a_host(host.value):
        told = sanitize(host.value)[:60]
        raise UsageError(f"'{told}' ({sanitize(host.origin)}) is no host's name or address")
    return host


def _can_be_a_host(name: str) -> bool:
    """Whether it can be looked up: RFC 1035 has parts of 1 to 63 octets, Python raises for others.

    A blank or a control character in it is a slip that a resolver would only call unknown.
    """
    try:
        name.encode("idna")
    except UnicodeError:
        return False
    return not any(c.isspace() or not c.isprintable() for c in name)


def _port(inputs: Inputs) -> Given:
    port = (
        _typed(inputs.flags.port, "--port", inputs.url.port)
        or inputs.option("port")
        or inputs.variable("MYSQL_TCP_PORT")
    )
    if port is None or port.value == "0":
        return Given(str(DEFAULT_PORT), "")
    if whole_number(port.value, LAST_PORT) is None:
        raise UsageError(
            f"{sanitize(port.value)[:20]!r} ({port.origin}) is no port: give 1 to {LAST_PORT}"
        )
    return port


def _user(inputs: Inputs) -> Given:
    return (
        _typed(inputs.flags.user, "--user", inputs.url.user)
        or inputs.option("user")
        or Given(_login_name(inputs.environ), "")
    )


def _login_name(environ: Mapping[str, str]) -> str:
    """Who runs this, as the client library tells it: root by number, others by name."""
    if os.geteuid() == 0:
        return "root"
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return environ.get("USER") or environ.get("LOGNAME") or "UNKNOWN_USER"


def _database(inputs: Inputs) -> str | None:
    if inputs.url.database:
        return inputs.url.database
    option = inputs.option("database")
    return option.value or None if option else None


def _socket(inputs: Inputs, host: Given | None, known: Sequence[str]) -> Given | None:
    """The socket to use, or None for TCP."""
    asked = _typed(inputs.flags.socket, "--socket", inputs.url.socket)
    port_asked = inputs.flags.port is not None or inputs.url.port is not None
    protocol = _protocol(inputs)
    is_local = host is None or host.value in ("", "localhost")
    wanted = protocol == "SOCKET" or (
        protocol is None and is_local and (asked is not None or not port_asked)
    )
    if not wanted:
        return None
    found = asked or inputs.option("socket") or inputs.variable("MYSQL_UNIX_PORT")
    if found is not None and found.value:
        return found
    existing = next((path for path in known if Path(path).is_socket()), None)
    if existing is not None:
        return Given(existing, "")
    if protocol == "SOCKET":
        raise UsageError("no server socket is known here: give its path with --socket")
    return None


def _protocol(inputs: Inputs) -> str | None:
    given = _typed(inputs.flags.protocol, "--protocol", None) or inputs.option("protocol")
    if given is None or given.value.upper() in ("", "DEFAULT"):
        return None
    if given.value.upper() not in ("TCP", "SOCKET"):
        raise UsageError(
            f"the protocol {sanitize(given.value)[:20]!r} ({given.origin}) does not exist here; "
            "use TCP or SOCKET"
        )
    return given.value.upper()


def _password(
    inputs: Inputs, prompt: Callable[[str], str] | None, user: str, say: Say
) -> Given | None:
    flags = inputs.flags
    if flags.password is not None:
        return Given(flags.password.reveal(), "the command line")
    if flags.password_file is not None:
        return Given(_password_in(flags.password_file, say), str(flags.password_file))
    if flags.ask_password:
        return _asked(prompt, user)
    if inputs.url.password is not None:
        return Given(inputs.url.password.reveal(), "the URL")
    option = inputs.option("password")
    if option is None and inputs.has("password"):
        return _asked(prompt, user)
    given = option or inputs.variable("MYSQL_PWD")
    return given if given is not None and given.value else None


def _asked(prompt: Callable[[str], str] | None, user: str) -> Given:
    if prompt is None:
        raise UsageError("there is no terminal to ask for a password on: use --password-file")
    return Given(prompt(f"Password of {sanitize(user)}: "), "the prompt")


def _password_in(path: Path, say: Say) -> str:
    try:
        raw = read_given(path, MAX_PASSWORD_FILE, say)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no path"
        told = f"the password file {sanitize(str(path))} is not read: {reason}"
        raise UsageError(told) from None
    text = raw.split(b"\n", 1)[0].removesuffix(b"\r").decode("utf-8", "surrogateescape")
    return without_nul(text, "the password", str(path))


def _tls(inputs: Inputs) -> Tls:
    flags, url = inputs.flags, inputs.url
    public_key = _file(inputs, flags.server_public_key_path, "server_public_key_path")
    require_pem(server_public_key_path=public_key)
    asks = flags.get_server_public_key or _is_on(inputs, "get_server_public_key")
    mode = flags.ssl_mode or url.ssl_mode or _option_mode(inputs)
    if mode is SslMode.DISABLED:
        return Tls(mode, public_key=public_key, ask_public_key=asks)
    ca = _file(inputs, flags.ssl_ca or url.ssl_ca, "ssl_ca")
    cert = _file(inputs, flags.ssl_cert or url.ssl_cert, "ssl_cert")
    key = _file(inputs, flags.ssl_key or url.ssl_key, "ssl_key")
    if (cert is None) != (key is None):
        raise UsageError("a client certificate needs both --ssl-cert and --ssl-key")
    require_pem(ssl_ca=ca, ssl_cert=cert, ssl_key=key)
    require_usable(ca, cert, key)
    if mode is None:
        # Naming an authority without a mode asks for its check (manual, --ssl-ca).
        mode = SslMode.PREFERRED if ca is None else SslMode.VERIFY_CA
    return Tls(mode, ca, cert, key, public_key, asks)


def _option_mode(inputs: Inputs) -> SslMode | None:
    """The mode in option files: MySQL's `ssl-mode`, or MariaDB's `ssl` and its kin."""
    if given := inputs.option("ssl_mode"):
        try:
            return SslMode(given.value.upper())
        except ValueError:
            raise UsageError(
                f"ssl-mode {sanitize(given.value)[:20]!r} ({given.origin}) is none of "
                f"{', '.join(SslMode)}"
            ) from None
    if _is_on(inputs, "skip_ssl") or _is_off(inputs, "ssl"):
        return SslMode.DISABLED
    if _is_on(inputs, "ssl_verify_server_cert"):
        return SslMode.VERIFY_IDENTITY
    return SslMode.REQUIRED if _is_on(inputs, "ssl") else None


def _is_on(inputs: Inputs, name: str) -> bool:
    return inputs.has(name) and not _is_off(inputs, name)


def _is_off(inputs: Inputs, name: str) -> bool:
    option = inputs.option(name)
    return option is not None and option.value.lower() in ("0", "off", "false")


def _file(inputs: Inputs, typed: Path | None, name: str) -> Path | None:
    option = None if typed else inputs.option(name)
    path = typed or (at_home(option.value) if option and option.value else None)
    if path is not None and not os.access(path, os.R_OK):
        origin = f" ({option.origin})" if option else ""
        told = f"{name.replace('_', '-')}: {sanitize(str(path))} cannot be read"
        raise UsageError(f"{told}{origin}")
    return path
