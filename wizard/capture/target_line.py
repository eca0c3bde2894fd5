"""A target as JSON, handed to a program of our own through a pipe.

It holds the password, so never for a file or an argument list.
"""

from pathlib import Path
from typing import Any

from wizard.target.model import Secret, SslMode, Target, Tls


def to_json(target: Target) -> dict[str, Any]:
    tls = target.tls
    return {
        "host": target.host,
        "port": target.port,
        "socket": target.socket,
        "user": target.user,
        "password": target.password.reveal() if target.password else None,
        "database": target.database,
        "tls": {
            "mode": tls.mode.value,
            "ca": _text(tls.ca),
            "cert": _text(tls.cert),
            "key": _text(tls.key),
            "public_key": _text(tls.public_key),
            "ask_public_key": tls.ask_public_key,
        },
    }


def from_json(data: dict[str, Any]) -> Target:
    tls, password = data["tls"], data["password"]
    return Target(
        host=data["host"],
        port=data["port"],
        socket=data["socket"],
        user=data["user"],
        password=None if password is None else Secret(password),
        database=data["database"],
        tls=Tls(
            SslMode(tls["mode"]),
            ca=_path(tls["ca"]),
            cert=_path(tls["cert"]),
            key=_path(tls["key"]),
            public_key=_path(tls["public_key"]),
            ask_public_key=tls["ask_public_key"],
        ),
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path.absolute())


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
