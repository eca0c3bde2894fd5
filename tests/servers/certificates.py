"""Certificates of an authority of the tests' own, in time, too late or too early."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_LOOPBACK = x509.IPAddress(ip_address("127.0.0.1"))


class Authority:
    """An authority, with its certificate at `path`."""

    def __init__(self, directory: Path, name: str = "ca") -> None:
        self._directory = directory
        self._name = _name(name)
        self._key = _key()
        own = self._signed(_builder(self._name, self._key, (-60, 30), signs=True))
        self.path = _write(directory / f"{name}.pem", own)

    def issue(self, name: str, days: tuple[float, float] = (-60, 30)) -> tuple[Path, Path]:
        """A certificate for `name` and its key; valid within `days` from now."""
        key = _key()
        addresses = [_LOOPBACK] if name == "localhost" else []
        names = x509.SubjectAlternativeName([x509.DNSName(name), *addresses])
        builder = _builder(_name(name), key, days, signs=False)
        signed = self._signed(builder.add_extension(names, critical=False))
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return (
            _write(self._directory / f"{name}.pem", signed),
            _write(self._directory / f"{name}.key", private),
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        made = builder.issuer_name(self._name).sign(self._key, hashes.SHA256())
        return made.public_bytes(serialization.Encoding.PEM)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, key: rsa.RSAPrivateKey, days: tuple[float, float], signs: bool
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=days[0]))
        .not_valid_after(now + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=signs, path_length=None), critical=True)
    )


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o644)
    return path
