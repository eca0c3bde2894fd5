"""A capture's file on another machine that does not come to be held."""

from types import SimpleNamespace

import pytest

from wizard.capture.own_file import FileThere
from wizard.hosts.protocol import HostError


class Never:
    """A file that does not come to be held."""

    def wait(self) -> None:
        raise HostError("no answer")


def test_what_the_host_cannot_hold_ends_the_capture() -> None:
    host = SimpleNamespace(link=SimpleNamespace())
    found = FileThere(host, "/data/goneaway-wizard-1.log", 1)  # type: ignore[arg-type]
    found._held = Never()  # type: ignore[assignment]
    with pytest.raises(HostError, match="no answer"):
        found.taken()
