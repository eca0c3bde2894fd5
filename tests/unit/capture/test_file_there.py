"""A capture's file on another machine whose connection is lost before it is held."""

from types import SimpleNamespace

import pytest

from wizard.capture.own_file import FileThere
from wizard.hosts.protocol import HostError


class Never:
    """A file that does not come to be held."""

    def wait(self) -> None:
        raise HostError("no answer")


def file_there(breakage: str) -> FileThere:
    host = SimpleNamespace(link=SimpleNamespace(breakage=lambda: breakage))
    found = FileThere(host, "/data/goneaway-wizard-1.log", 1)  # type: ignore[arg-type]
    found._held = Never()  # type: ignore[assignment]
    return found


def test_a_lost_connection_is_left_to_the_session_that_notices_it() -> None:
    """The capture goes on to its end, which puts the log back and says how."""
    assert not file_there("the SSH connection to db1 is lost").taken()


def test_what_the_host_cannot_hold_ends_the_capture() -> None:
    with pytest.raises(HostError, match="no answer"):
        file_there("").taken()
