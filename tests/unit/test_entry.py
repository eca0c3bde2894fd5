"""The program's entry."""

import sys

import pytest

from wizard import entry
from wizard.commands import exit_codes


def test_an_interrupt_while_it_is_loaded_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting:
        def find_spec(self, name: str, *_more: object) -> None:
            if name == "wizard.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "wizard.cli", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting(), *sys.meta_path])
    assert entry.main() == exit_codes.INTERRUPTED


def test_it_is_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["goneaway-wizard", "explain", "2006"])
    assert entry.main() == exit_codes.DONE
