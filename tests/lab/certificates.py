"""Certificates of a lab's own authority, valid, expired or for another name."""

from tests.lab.bench import Bench
from tests.servers.certificates import Authority


def give_certificate(place: Bench, days: float = 30.0, name: str = "localhost") -> None:
    """Restart the server with a certificate that ends in `days` (a past one for less than 0)."""
    authority = Authority(place.server.directory)
    certificate, key = authority.issue(name, (-60, days))
    inside = place.server.binary.inside
    place.server.configure(
        ssl_ca=inside(authority.path), ssl_cert=inside(certificate), ssl_key=inside(key)
    )
    place.authority = authority.path
    place.server.restart()
