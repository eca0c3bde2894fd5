"""`logs --ssh`: files of another host, read there, with the answer that a run there gives."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.benches.planted import Planted, application_log, error_log, general_log, slow_log
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import SshDaemon
from tests.servers.sshd.pythons import commands, oldest
from wizard.cli import main

Plant = Callable[[Path, int], Planted]


@pytest.fixture(scope="module", params=["python", "none"])
def far(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SshDaemon, ClientHome, bool]]:
    client = ClientHome(tmp_path_factory.mktemp("client"))
    python = oldest() if request.param == "python" else ""
    path = commands(tmp_path_factory.mktemp("commands") / "bin", python)
    daemon = SshDaemon(
        tmp_path_factory.mktemp("sshd"), {"SetEnv": f"PATH={path}"}, authorized=(client.key(),)
    )
    with ExitStack() as stack:
        stack.callback(daemon.stop)
        daemon.start()
        client.knows(daemon)
        yield daemon, client, bool(python)


@pytest.fixture
def place(
    far: tuple[SshDaemon, ClientHome, bool], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, bool]:
    """What --ssh is given, and whether there is Python there."""
    daemon, client, has_python = far
    monkeypatch.setenv("HOME", str(client.home))
    return f"root@{daemon.address}:{daemon.port}", has_python


def answered(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Without how long it took."""
    assert main(["logs", *words, "--format", "json", "--by", "account"]) == 0
    answer = json.loads(capsys.readouterr().out)
    for file in answer["files"]:
        del file["seconds"]
    return answer


@pytest.mark.parametrize(
    "plant", [error_log, general_log, slow_log, application_log], ids=lambda p: str(p.__name__)
)
def test_the_answer_is_the_one_that_is_given_there(
    place: tuple[str, bool], plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, has_python = place
    plant(path := tmp_path / "some.log", 200_000)
    if plant is application_log and not has_python:
        assert main(["logs", "--ssh", there, str(path)]) == 2
        assert "is read where it lies, by Python 3.6" in capsys.readouterr().err
        return
    theirs, ours = answered(capsys, "--ssh", there, str(path)), answered(capsys, str(path))
    if plant is error_log and not has_python:
        for told in (theirs, ours):  # lines that the host picks have other numbers
            del told["places"]
            told["signatures"] = [(s["id"], s["count"]) for s in told["signatures"]]
    assert theirs == ours
    assert theirs["signatures"]


@pytest.mark.parametrize("plant", [error_log, general_log, slow_log], ids=lambda p: str(p.__name__))
def test_carriage_returns_alone_are_line_ends_there_too(
    place: tuple[str, bool], plant: Plant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, _ = place
    plant(path := tmp_path / "some.log", 200_000)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))
    theirs, ours = answered(capsys, "--ssh", there, str(path)), answered(capsys, str(path))
    assert theirs == ours
    assert theirs["signatures"]


def test_what_cannot_be_read_is_wrong_usage(
    place: tuple[str, bool], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there, _ = place
    assert main(["logs", "--ssh", there, str(tmp_path / "none.log")]) == 2
    assert capsys.readouterr().err.splitlines()[-1].endswith("none.log: no such file")
    assert main(["logs", "--ssh", "@host", "x.log"]) == 2
    assert "--ssh" in capsys.readouterr().err
