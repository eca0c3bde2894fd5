"""A key and its self-signed certificate, as an operator names them."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True)
class Pem:
    """The files; `locked` is the key with a passphrase."""

    cert: Path
    key: Path
    locked: Path
    public: Path


def pem_files(directory: Path) -> Pem:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test")])
    now = datetime.datetime.now(datetime.UTC)
    cert = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=2))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    form, locked = PrivateFormat.PKCS8, BestAvailableEncryption(b"hunter2")
    written = {
        "cert": cert.public_bytes(Encoding.PEM),
        "key": key.private_bytes(Encoding.PEM, form, NoEncryption()),
        "locked": key.private_bytes(Encoding.PEM, form, locked),
        "public": key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }
    directory.mkdir(exist_ok=True)
    for kind, text in written.items():
        (directory / f"{kind}.pem").write_bytes(text)
    return Pem(*(directory / f"{kind}.pem" for kind in ("cert", "key", "locked", "public")))
