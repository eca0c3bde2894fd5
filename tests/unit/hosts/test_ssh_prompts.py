"""What a server may ask in one round: sshd's own PAM services ask one thing at a time."""

import socket
import threading
from pathlib import Path

import paramiko
import pytest
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL
from paramiko.server import InteractiveQuery

from wizard.hosts.ssh.config import SshFiles
from wizard.hosts.ssh.errors import SshError, SshFailure
from wizard.hosts.ssh.link import SshLink
from wizard.hosts.ssh.prompt import Question
from wizard.target.model import SshPlace

ASKED = [("Password\x1b[2J: ", False), ("Code from your phone: ", True)]
ANSWERS = ["secret", "123456"]


class Interrogator(paramiko.ServerInterface):
    """Wants both answers, after instructions of its own."""

    def get_allowed_auths(self, _username: str) -> str:
        return "keyboard-interactive"

    def check_auth_interactive(self, _username: str, _submethods: str) -> InteractiveQuery:
        return InteractiveQuery("Log in", "A code was sent to \x07+49 ...", *ASKED)

    def check_auth_interactive_response(self, responses: list[str]) -> int:
        return AUTH_SUCCESSFUL if responses == ANSWERS else AUTH_FAILED


@pytest.fixture
def place(tmp_path: Path) -> SshPlace:
    """A server on loopback whose key is in the known_hosts of `tmp_path`."""
    key = paramiko.ECDSAKey.generate()
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        for _ in range(2):
            transport = paramiko.Transport(listener.accept()[0])
            transport.add_server_key(key)
            transport.start_server(server=Interrogator())

    threading.Thread(target=serve, daemon=True).start()
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "known_hosts").write_text(
        f"[127.0.0.1]:{port} {key.get_name()} {key.get_base64()}\n"
    )
    return SshPlace("127.0.0.1", "root", port)


def test_each_question_of_a_round_is_asked_as_it_wants_to_be(
    place: SshPlace, tmp_path: Path
) -> None:
    asked: list[Question] = []

    def prompt(question: Question) -> str | None:
        asked.append(question)
        return ANSWERS[len(asked) - 1]

    link = SshLink(place, SshFiles(tmp_path, tmp_path / "none", ()), prompt)
    assert link.connection().how == "keyboard-interactive"
    link.close()
    assert [q.secret for q in asked] == [True, False]
    assert asked[0].text == "root@127.0.0.1: A code was sent to +49 ... Password[2J: "
    assert asked[1].text == "root@127.0.0.1: Code from your phone: "


def test_no_answer_to_one_of_them_ends_the_round(place: SshPlace, tmp_path: Path) -> None:
    asked: list[Question] = []

    def prompt(question: Question) -> str | None:
        asked.append(question)
        return None

    link = SshLink(place, SshFiles(tmp_path, tmp_path / "none", ()), prompt)
    with pytest.raises(SshError) as refused:
        link.connection()
    assert refused.value.kind is SshFailure.WRONG_PASSWORD
    assert len(asked) == 1
    # The refusal stands: nobody is asked the same again until they say so.
    with pytest.raises(SshError):
        link.connection()
    assert len(asked) == 1
