"""The word of kubelet, docker and systemd on the server, in a log that is given as an app's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wizard.case.case import Window
from wizard.logs.error.supervisor import supervisors_in_file

NOW = datetime.now(UTC)
WINDOW = Window(NOW - timedelta(days=1), NOW)


def found(tmp_path: Path, text: str) -> dict[str, int]:
    path = tmp_path / "app.log"
    path.write_text(text, encoding="utf-8")
    seen = supervisors_in_file(path, WINDOW, lambda p: p.open("rb"))
    return {e.signal: e.count for e in seen}


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        (
            "  Normal  Killing  2m (x9 over 1h)  kubelet  Container percona-0 failed liveness "
            "probe, will be restarted",
            "log.supervisor-killed",
        ),
        ("crm-mariadb-1 exited with code 137", "log.supervisor-killed"),
        ("    Last State:  Terminated\n      Reason:    OOMKilled", "log.supervisor-oom"),
        (
            "  Warning BackOff 1m kubelet Back-off restarting failed container",
            "log.supervisor-loop",
        ),
    ],
)
def test_a_supervisors_word_is_heard(tmp_path: Path, text: str, signal: str) -> None:
    assert found(tmp_path, f"hello\n{text}\nbye\n") == {signal: 1}


def test_what_befell_another_container_is_not_the_servers(tmp_path: Path) -> None:
    text = (
        "Container web failed liveness probe, will be restarted\n"
        "crm-web-1 exited with code 137\n"
        "Feb 03 07:12:09 db1 systemd[1]: nginx.service: Main process exited, code=killed, "
        "status=9/KILL\n"
    )
    assert found(tmp_path, text) == {}


def test_only_the_windows_days_count(tmp_path: Path) -> None:
    stamp = "{:%Y-%m-%dT%H:%M:%S+00:00}"
    line = stamp + " db1 systemd[1]: mariadb.service: State 'stop-sigterm' timed out. Killing.\n"
    old, new = line.format(NOW - timedelta(days=9)), line.format(NOW - timedelta(hours=1))
    assert found(tmp_path, old + new) == {"log.supervisor-killed": 1}
