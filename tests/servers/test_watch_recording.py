"""What the recorder keeps is found again, and survives what befalls a recorder."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.servers.harness.server import ServerUnderTest
from tests.servers.watching import answer, command, watching

pytestmark = pytest.mark.servers


def test_a_recording_is_found_by_check_and_opened_without_the_server(
    server: ServerUnderTest, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    out = tmp_path / "told"
    with watching(
        server, tmp_path, "--dir", str(kept), "--exec", f"sh -c 'cat > {out}'",
        "--metrics", str(tmp_path / "goneaway.prom"),
    ) as told:  # fmt: skip
        told.next("recorder-started")
        lost = told.lose_one()
        with watching(server, tmp_path, "--for", "3s", "--dir", str(kept)) as other:
            assert "another recorder" in other.end(0)
            assert other.process.returncode == 1
        told.process.send_signal(signal.SIGHUP)
        with watching(server, tmp_path, "--for", "3s") as other:
            assert f"process {told.process.pid}" in other.end(0)
            assert other.process.returncode == 0
        err = told.end()
        assert told.process.returncode == 0, err
        assert "Traceback" not in err
    assert json.loads(out.read_text())["text"] == lost["text"]
    metrics = (tmp_path / "goneaway.prom").read_text()
    assert 'goneaway_failures_total{cause="connection-killed"' in metrics
    assert "goneaway_recorder_memory_bytes" in metrics

    checked = answer(tmp_path, *command(server, "check", "--format", "json"))
    found = json.loads(checked.stdout)
    first = found["diagnosis"][0]
    assert (first["cause"], first["verdict"]) == ("connection-killed", "confirmed")
    assert "recorder.connection-killed" in {reason["signal"] for reason in first["for"]}
    assert str(kept) in answer(tmp_path, *command(server, "check")).stdout

    server.stop()
    report = (sys.executable, "-m", "wizard.cli", "report", str(kept))
    opened = answer(tmp_path, *report)
    assert "connection-killed" in opened.stdout
    assert f"(connection {lost['session']['id']})" in opened.stdout


def test_kill_9_loses_nothing_that_was_told(mariadb: ServerUnderTest, tmp_path: Path) -> None:
    """At a few random moments; `make soak` tries a hundred."""
    kept = tmp_path / "kept"
    told: list[str] = []
    for _ in range(3):
        with watching(mariadb, tmp_path, "--dir", str(kept)) as recorder:
            told.append(recorder.next("recorder-started")["at"])
            told.append(recorder.lose_one()["at"])
            time.sleep(random.uniform(0.0, 0.3))
            recorder.end(signal.SIGKILL)
    events = [json.loads(line) for line in (kept / "events.jsonl").read_text().splitlines()]
    assert [at for at in told if at not in {event["at"] for event in events}] == []
    gaps = [event["text"] for event in events if event["event"] == "gap"]
    assert sum("no recorder ran" in text for text in gaps) == 2


def test_a_full_disk_stops_the_recording_alone(mariadb: ServerUnderTest, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(small)], check=False,
        capture_output=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip("a small file system needs root")
    try:
        with watching(mariadb, tmp_path, "--dir", str(small / "kept")) as told:
            told.next("recorder-started")
            filler = small / "filler"
            end_page(small / "kept" / "events.jsonl")
            fill(filler)
            told.lose_one()
            assert "No space left" in told.next("gap")["text"]
            filler.unlink()
            told.process.send_signal(signal.SIGHUP)
            told.lose_one()
            assert "goes on; 1 events are not in it" in told.next("gap")["text"]
            err = told.end()
            assert told.process.returncode == 0, err
            assert "Traceback" not in err
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_forked_connection_is_told_from_the_applications_own_words(
    mariadb: ServerUnderTest, tmp_path: Path
) -> None:
    """To the server both programs are one client, which leaves in some way or another."""
    mariadb.sql("CREATE DATABASE IF NOT EXISTS shop")
    log = tmp_path / "application.log"
    log.touch()
    with watching(mariadb, tmp_path, "--app-log", str(log)) as told:
        told.next("recorder-started")
        subprocess.run(
            [sys.executable, "-m", "tests.lab.forking_client", str(mariadb.port), str(log),
             "interleave"],
            check=True, timeout=180,
            env={**os.environ, "GONEAWAY_LAB_PASSWORD": mariadb.passwords["app"]},
        )  # fmt: skip
        event = told.next("application-error", "sequence number")
        assert (event["cause"], event["verdict"]) == ("shared-connection", "likely")


def end_page(path: Path) -> None:
    """Make the file end with its last block: a full file system still lets that one be filled."""
    with path.open("ab") as stream:
        stream.write(b" " * (-path.stat().st_size % 4096 - 1) + b"\n")


def fill(path: Path) -> None:
    """Take all the room that there is, to the last byte."""
    with path.open("wb", buffering=0) as stream:
        for size in (4096, 512, 1):
            with suppress(OSError):
                while stream.write(b"x" * size) == size:
                    pass
