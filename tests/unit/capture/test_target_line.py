"""A target that is handed to the guard is the one that the wizard connects to."""

import json
from pathlib import Path

import pytest

from wizard.capture.target_line import from_json, to_json
from wizard.target.model import Secret, SslMode, Target, Tls

TLS = Tls(
    SslMode.VERIFY_CA, Path("/ca"), Path("/cert"), Path("/key"), Path("/server.pub"), True
)  # fmt: skip


@pytest.mark.parametrize(
    "target",
    [
        Target(),
        Target("db", 3307, None, "me", Secret("p'ä\n"), "shop", TLS),
        Target(socket="/run/mysqld.sock", password=Secret("")),
        Target("db", tls=Tls(SslMode.DISABLED, ask_public_key=True)),
    ],
)
def test_it_is_the_same_on_the_other_side(target: Target) -> None:
    assert from_json(json.loads(json.dumps(to_json(target)))) == target
