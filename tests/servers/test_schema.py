"""What `check`, `watch` and `capture` print about real servers follows their schemas."""

import json
import subprocess
import sys

import pytest

from tests.servers import capture_lab
from tests.servers.check_run import check
from tests.servers.harness.server import ServerUnderTest
from tests.unit.schema.strict import assert_fits

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("kind", ["general", "slow"])
def test_a_capture(mariadb: ServerUnderTest, kind: str) -> None:
    assert_fits("capture", capture_lab.answer(mariadb, kind, "--for", "2s"))


def test_a_check(mysql: ServerUnderTest) -> None:
    assert_fits("check", check(mysql).answer)


def test_events_of_an_outage(mariadb: ServerUnderTest) -> None:
    command = [sys.executable, "-m", "wizard", "watch", "--format", "json", "-S"]
    watching = subprocess.Popen(
        [*command, str(mariadb.socket), "-u", "root", "--for", "60s"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watching.stdout is not None
    events = [json.loads(watching.stdout.readline())]
    mariadb.segv()
    while events[-1]["event"] != "server-down":
        line = watching.stdout.readline()
        assert line, events
        events.append(json.loads(line))
    watching.terminate()
    rest, _ = watching.communicate(timeout=180)
    events += [json.loads(line) for line in rest.splitlines()]
    for event in events:
        assert_fits("watch", event)
