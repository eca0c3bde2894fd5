"""Certificates of a lab's own authority, valid, expired or for another name."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.lab.bench import Bench

_LOOPBACK = ipaddress.ip_address("127.0.0.1")
_DAY = datetime.timedelta(days=1)


def give_certificate(place: Bench, days: float = 30.0, name: str = "localhost") -> None:
    """Restart the server with a certificate that ends in `days` (a past one for less than 0)."""
    directory = place.server.directory
    authority, server = _key(), _key()
    issuer = _name("lab authority")
    _write(directory / "ca.pem", _certificate(issuer, issuer, authority, authority, 30.0, None))
    _write(
        directory / "server.pem", _certificate(issuer, _name(name), authority, server, days, name)
    )
    _write(directory / "server.key", _private(server))
    inside = place.server.binary.inside
    place.server.configure(
        ssl_ca=inside(directory / "ca.pem"),
        ssl_cert=inside(directory / "server.pem"),
        ssl_key=inside(directory / "server.key"),
    )
    place.authority = directory / "ca.pem"
    place.server.restart()


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    issuer: x509.Name, subject: x509.Name, authority: rsa.RSAPrivateKey, key: rsa.RSAPrivateKey,
    days: float, host: str | None,
) -> bytes:  # fmt: skip
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 60 * _DAY)
        .not_valid_after(now + days * _DAY)
        .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
    )
    if host is not None:
        own = [x509.IPAddress(_LOOPBACK)] if host == "localhost" else []
        names = x509.SubjectAlternativeName([x509.DNSName(host), *own])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _private(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)
