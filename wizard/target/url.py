"""A target given as a URL: `mysql://user:password@host:port/database?ssl-mode=REQUIRED`."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from wizard.safety.errors import UsageError
from wizard.safety.sanitize import sanitize
from wizard.target.model import Secret, SslMode

SCHEMES = ("mysql", "mariadb")

_PARAMETERS = ("ssl-mode", "ssl-ca", "ssl-cert", "ssl-key", "socket")


class UrlError(UsageError):
    """The URL cannot be used; the message is one line and never repeats the URL."""


@dataclass(frozen=True, slots=True)
class UrlTarget:
    """The parts of a `mysql://user:password@host:port/database?ssl-mode=…` URL."""

    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: Secret | None = None
    database: str | None = None
    socket: str | None = None
    ssl_mode: SslMode | None = None
    ssl_ca: Path | None = None
    ssl_cert: Path | None = None
    ssl_key: Path | None = None


def parse_url(text: str) -> UrlTarget:
    """The parts of a target URL, percent-decoded. Raises UrlError."""
    scheme, separator, _ = text.partition("://")
    # SQLAlchemy's `mysql+pymysql://` is what many an application's configuration holds.
    if not separator or scheme.partition("+")[0].lower() not in SCHEMES:
        told = sanitize(text, 60)
        raise UrlError(
            f"'{told}' is no command and no target: a URL is mysql://user@host:port/database, "
            "a host is given with -h"
        )
    try:
        parts = urlsplit(text)
        port = parts.port
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise UrlError(
            "the target URL's port or query is wrong: mysql://user@host:port/database"
            "?ssl-mode=REQUIRED"
        ) from None
    given = {name.replace("_", "-").lower(): value for name, value in pairs}
    if unknown := sorted(set(given) - set(_PARAMETERS)):
        raise UrlError(
            f"the target URL has an unknown parameter {unknown[0][:30]!r}; "
            f"it may have {', '.join(_PARAMETERS)}"
        )
    password = raw_password(text)
    return UrlTarget(
        host=_decoded(parts.hostname),
        port=port,
        user=_decoded(parts.username),
        password=None if password is None else Secret(_decoded(password.reveal()) or ""),
        database=_decoded(parts.path.removeprefix("/")),
        socket=given.get("socket") or None,
        ssl_mode=_mode(given.get("ssl-mode")),
        ssl_ca=_path(given.get("ssl-ca")),
        ssl_cert=_path(given.get("ssl-cert")),
        ssl_key=_path(given.get("ssl-key")),
    )


def raw_password(text: str) -> Secret | None:
    """The password in a URL as it was typed, or None where the URL has none."""
    password = urlsplit(text).password
    return None if password is None else Secret(password)


def _decoded(text: str | None) -> str | None:
    plain = unquote(text) if text else None
    if plain and "\0" in plain:
        raise UrlError("the target URL holds a NUL byte (%00), which no server takes")
    return plain


def _path(text: str | None) -> Path | None:
    try:
        return Path(text).expanduser() if text else None
    except RuntimeError:
        raise UrlError("a path in the target URL names a home that does not exist here") from None


def _mode(text: str | None) -> SslMode | None:
    if text is None:
        return None
    try:
        return SslMode(text.upper())
    except ValueError:
        raise UrlError(f"the target URL's ssl-mode is none of {', '.join(SslMode)}") from None
