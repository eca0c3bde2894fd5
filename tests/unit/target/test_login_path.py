"""Login paths, from a file that mysql_config_editor 9.7 wrote."""

import base64
from pathlib import Path

import pytest

from wizard.target.login_path import LoginPathError, login_file, read_login_path

WRITTEN = base64.b64decode(
    "AAAAAAwBDB4YEgoDDQkPBw4AGQUXGhoQEAAAAODiin9MSp1qRFr9qJXBOLwgAAAAPtleOZlY/C1nPp0W"
    "xo3wxMmGU8gKD/shejXkYD1+Oo8gAAAARqxN1zz/YNhw1zIAeFVnNqhZPl15fR5H9UfvnYBa8WkgAAAA"
    "S+oNmrrBVP77B8uF25c9isFHfKdKsNgBzAaAJj1RzAsQAAAA4rzQDV74Pvlh4tLDBdqsDg=="
)


@pytest.fixture
def login(tmp_path: Path) -> Path:
    path = tmp_path / ".mylogin.cnf"
    path.write_bytes(WRITTEN)
    path.chmod(0o600)
    return path


def test_a_file_of_the_config_editor_is_read(login: Path) -> None:
    found = read_login_path(login, "web")
    values = {name: option.value for name, option in found.options.items()}
    assert values == {
        "user": "web app",
        "password": 'p#w"d x',
        "host": "db.example",
        "port": "3307",
    }


def test_a_path_that_was_not_asked_for_is_left_alone(login: Path) -> None:
    assert dict(read_login_path(login).options) == {}
    assert dict(read_login_path(login, "other").options) == {}


def test_a_file_that_others_may_read_is_refused(login: Path) -> None:
    login.chmod(0o640)
    with pytest.raises(LoginPathError, match="chmod 600"):
        read_login_path(login, "web")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\0" * 24 + b"\x10", WRITTEN[:-1], WRITTEN[:24] + b"\xff\xff\xff\x7f" + WRITTEN[28:]],
)
def test_a_damaged_file_is_refused(login: Path, raw: bytes) -> None:
    login.write_bytes(raw)
    with pytest.raises(LoginPathError, match="damaged"):
        read_login_path(login, "web")


def test_a_missing_file_holds_nothing(tmp_path: Path) -> None:
    assert dict(read_login_path(tmp_path / "none", "web").options) == {}


def test_the_environment_may_name_the_file() -> None:
    assert login_file({"MYSQL_TEST_LOGIN_FILE": "/x", "HOME": "/h"}) == Path("/x")
    assert login_file({"HOME": "/h"}) == Path("/h/.mylogin.cnf")
