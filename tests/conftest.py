"""Settings that every test shares."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tests.servers.harness.templates import Templates, data_templates

# The same examples each time: what a run says is said of the code and not of the dice. `make soak`
# throws them.
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("searching", settings.get_profile("same"), derandomize=False)
settings.load_profile("searching" if os.environ.get("GONEAWAY_SEARCH") else "same")

SEES_OTHERS = ("tests/network/", "test_health_servers.py", "test_ssh_check.py")
"""Tests that do not bear each other: a server in a network of its own could be anybody's, as far
as a look at the machine's processes can tell."""


class InTurn(LoadScopeScheduling):  # type: ignore[misc]
    """With `-n` the tests of one file run in turn, and so do those of SEES_OTHERS."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "machine" if any(part in path for part in SEES_OTHERS) else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> InTurn:
    return InTurn(config, log)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> None:
    """What runs in a shell's background, or under nohup(1), ignores signals, and so do its
    children."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _home_of_its_own(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No test reads the developer's option files or writes their journal."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("MYSQL_PWD", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def _templates() -> Iterator[Templates]:
    """For every server of the session, whoever starts it."""
    with data_templates() as template:
        yield template
