"""What a TLS handshake that failed means, in the operator's terms. Pure: text in."""

from wizard.safety.sanitize import sanitize
from wizard.server.failed_attempt import FailedAttempt
from wizard.server.session import CannotConnect
from wizard.target.model import Target
from wizard.units import duration

_NO_CHECK = "--ssl-mode=REQUIRED goes without this check"
_WITHOUT = "--ssl-mode=DISABLED shows whether the server answers without TLS"
_COMPARE = f"compare the TLS versions and certificates of both sides; {_WITHOUT}"
_RENEW = (
    "renew it and have the server load it (FLUSH SSL, on MySQL ALTER INSTANCE RELOAD TLS)"
    f"; check the clock here as well; {_NO_CHECK}"
)

_KINDS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("hostname mismatch", "not valid for"),
        "the certificate of {place} is for another name",
        "connect by the certificate's name, or use --ssl-mode=VERIFY_CA",
    ),
    (
        ("certificate verify failed: certificate has expired",),
        "the certificate of {place}, or of the authority that signed it, has expired",
        _RENEW,
    ),
    (
        ("certificate verify failed: certificate is not yet valid",),
        "the certificate of {place}, or of the authority that signed it, is not valid yet",
        _RENEW,
    ),
    (
        ("too small", "too_small", "too weak", "too_weak"),
        "the key or certificate of {place} is too weak for the TLS library here",
        "make new ones on the server, of 2048 bits or more and signed by SHA-256",
    ),
    (
        ("protocol_version", "unsupported_protocol", "version_too_low", "no_protocols_available"),
        "{place} and this machine have no version of TLS in common",
        f"look at tls_version on the server, most machines take TLS 1.2 and later only; {_WITHOUT}",
    ),
    (
        ("wrong_version_number", "unknown_protocol", "record_layer", "packet_length_too_long"),
        "{place} offers TLS, and what it then says is none",
        f"ask a proxy or balancer between whether it lets MySQL's own TLS pass; {_WITHOUT}",
    ),
    (
        ("eof", "connection reset", "was closed before"),
        "{place} breaks off in the TLS handshake",
        "look at the server's error log for this moment, and at a proxy or firewall between;"
        f" {_WITHOUT}",
    ),
)
"""Words of OpenSSL's reasons, in lower case, and what they mean."""

_OURS = ("unknown_ca", "certificate", "access_denied", "decrypt_error")
"""In the name of an alert: the other side says it of the certificate that it was shown."""


def tls_failed(target: Target, attempt: FailedAttempt) -> CannotConnect:
    place = sanitize(target.label)
    text = sanitize(attempt.text)
    if attempt.timed_out:
        return CannotConnect(
            f"{place} offers TLS and does not finish its handshake within "
            f"{duration(round(attempt.seconds))}",
            2013,
            "the server hangs or is overloaded, or the way swallows large packets; look at its"
            " error log and at the load",
            "state.timeout",
        )
    message, advice = _told(target, place, text)
    return CannotConnect(message, 2026, advice, "state.tls-failed")


def _told(target: Target, place: str, text: str) -> tuple[str, str]:
    if not text:
        return (
            f"{place} offers no TLS, and --ssl-mode={target.tls.mode} demands it",
            "set up certificates on the server, or use --ssl-mode=PREFERRED",
        )
    low = text.lower()
    if "alert" in low and any(word in low for word in _OURS):
        return _own_certificate(target, place, text)
    for words, message, advice in _KINDS:
        if any(word in low for word in words):
            return f"{message.format(place=place)} ({text})", advice
    if "certificate verify failed" in low:
        return _not_trusted(target, place, text)
    return f"the TLS handshake with {place} fails ({text})", _COMPARE


def _own_certificate(target: Target, place: str, text: str) -> tuple[str, str]:
    if target.tls.cert is None:
        return (
            f"{place} wants a client certificate ({text})",
            "give one that its ssl_ca signed, with --ssl-cert and --ssl-key",
        )
    return (
        f"{place} does not take the certificate of --ssl-cert ({text})",
        "give one that is valid now and that the server's ssl_ca signed, with its --ssl-key",
    )


def _not_trusted(target: Target, place: str, text: str) -> tuple[str, str]:
    if target.tls.ca is None:
        return (
            f"the certificate of {place} is not trusted ({text})",
            "give the authority that signed it with --ssl-ca, or use --ssl-mode=REQUIRED",
        )
    return (
        f"the certificate of {place} is not signed by an authority in"
        f" {sanitize(str(target.tls.ca))} ({text})",
        "give the server's own authority with --ssl-ca, in place of this one or in the same file;"
        f" {_NO_CHECK}",
    )
