"""The last gate: our own words pass, a driver's values do not."""

import json
from collections.abc import Callable

import pytest

from wizard import cli
from wizard.commands import exit_codes
from wizard.hosts.protocol import HostError
from wizard.safety.errors import UsageError
from wizard.safety.operator_line import operator_line
from wizard.server.session import CannotConnect


class Foreign(Exception):
    """As a driver would raise it."""


@pytest.mark.parametrize("error", [Foreign("user=app password=hunter2"), KeyError("hunter2")])
def test_what_a_driver_says_is_named_by_its_kind_only(error: Exception) -> None:
    assert operator_line(error) == f"unexpected {type(error).__name__}"


def test_our_own_line_keeps_its_advice_once() -> None:
    refused = CannotConnect("refused", advice="start it")
    assert operator_line(refused) == "refused; start it"
    assert operator_line(CannotConnect("refused; start it", advice="start it")) == (
        "refused; start it"
    )


def test_only_the_first_line_is_said_and_nothing_moves_the_cursor() -> None:
    assert operator_line(HostError("\n gone \x1b[2J\nsecond")) == operator_line(
        HostError("gone \x1b[2J")
    )
    assert "\x1b" not in operator_line(HostError("gone \x1b[2J"))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("no"), exit_codes.USAGE),
        (CannotConnect("no"), exit_codes.UNREACHABLE),
        (Foreign("hunter2"), exit_codes.INTERNAL),
    ],
)
def test_the_command_line_goes_through_it(
    error: Exception,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_words: list[str]) -> int:
        raise error

    monkeypatch.setattr(cli, "_dispatch", fail)
    assert cli.main([]) == code
    assert capsys.readouterr().err == f"goneaway-wizard: {operator_line(error)}\n"


def _unpacked() -> None:
    words = ["hunter2"] * len("x")
    _one, _two = words


@pytest.mark.parametrize(
    "fail", [lambda: int("hunter2"), lambda: b"\xff".decode(), _unpacked, lambda: json.loads("{")]
)
def test_what_python_says_of_a_value_is_not_for_the_operator(fail: Callable[[], object]) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - each of its kinds
        fail()
    assert operator_line(raised.value) == f"unexpected {type(raised.value).__name__}"
