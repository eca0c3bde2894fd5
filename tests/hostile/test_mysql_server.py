"""`check` at a MySQL server that means harm: bounded, answered, and no password given away."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.mysql_server import (
    ANSWERS,
    MORE_ANSWERS,
    PACKETS,
    PLUGINS,
    ChangingGreeting,
    HostileServer,
    Line,
    after_login,
    asks_full_password,
    asks_second_factor,
    cut_greeting,
    dripping_greeting,
    dripping_login,
    floods_the_login,
    greeting,
    honest,
    keeps_switching,
    more_auth_data,
    says,
    says_out_of_turn,
    sends_own_key,
    switch_to,
    switches_to_sha256,
)
from wizard.server.bounded_connection import NEEDS_SECURE
from wizard.server.pymysql_session import PyMySqlConnector
from wizard.server.session import AnswerTooLarge, CannotConnect, ConnectionLost
from wizard.steps.connection_identity import identify
from wizard.target.model import Secret, SshPlace, Target, Tls

PASSWORD = "s3ntinel-pa55word"

FROM_THE_START = ("an endless row", "nulls", "out of range", "other columns", "bad UTF-8", "closes")
"""Modes that are worth meeting during the login too."""

MOST_MEMORY = 500 << 20
"""Bytes of the whole program; it takes some 80 MB with nothing to read."""


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def started(stack: ExitStack, server: HostileServer) -> HostileServer:
    stack.callback(server.close)
    return server


def target(server: HostileServer, **fields: Any) -> Target:
    base = {"host": "127.0.0.1", "port": server.port, "user": "app", "password": Secret(PASSWORD)}
    return Target(**{**base, **fields})


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str
    memory: int


def check_all(servers: dict[str, HostileServer], where: Path) -> dict[str, Ended]:
    """One `check` at each server, side by side."""
    password = where / "password"
    password.write_text(PASSWORD)
    running = {}
    for name, server in servers.items():
        out, err = (where / f"{server.port}.{kind}" for kind in ("out", "err"))
        words = ["-h", "127.0.0.1", "-P", str(server.port), "-u", "app"]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            running[name] = (subprocess.Popen(
                [sys.executable, "-m", "wizard.cli", "check", *words, "--format", "json",
                 "--password-file", str(password)],
                stdin=subprocess.DEVNULL, stdout=to_out, stderr=to_err,
            ), out, err)  # fmt: skip
    return {name: _ended(*one) for name, one in running.items()}


def _ended(process: "subprocess.Popen[bytes]", out: Path, err: Path) -> Ended:
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            memory = usage.ru_maxrss * 1024
            return Ended(process.returncode, out.read_text(), err.read_text(), memory)
        time.sleep(0.1)
    process.kill()
    process.wait()
    return Ended(-1, out.read_text(), "it did not end", 0)


def test_check_ends_with_an_answer_whatever_is_sent(stack: ExitStack, tmp_path: Path) -> None:
    answers = {**ANSWERS, **(MORE_ANSWERS if os.environ.get("GONEAWAY_HOSTILE") else {})}
    servers = {
        name: started(stack, HostileServer(after_login(answer))) for name, answer in answers.items()
    }
    for count in range(5):
        if count and not os.environ.get("GONEAWAY_HOSTILE"):
            break
        changing = ChangingGreeting()
        changing.came = count
        name = f"changing greeting {count}"
        servers[name] = started(stack, HostileServer(honest, greet=changing))
    for name in FROM_THE_START:
        answer = ANSWERS[name]
        servers[f"{name}, from the start"] = started(stack, HostileServer(answer))
    servers["dripping greeting"] = started(stack, HostileServer(honest, greet=dripping_greeting))
    servers["dripping login"] = started(stack, HostileServer(honest, login=dripping_login))
    servers["more auth data"] = started(
        stack, HostileServer(honest, login=more_auth_data, plugin=b"caching_sha2_password")
    )
    wrong = []
    for name, ended in check_all(servers, tmp_path).items():
        faults = [
            *(["no answer in time"] if ended.code < 0 else []),
            *(["exit code"] if ended.code not in (0, 1, 3, 70) else []),
            *(["a traceback"] if "Traceback" in ended.out + ended.err else []),
            *(["the password"] if PASSWORD in ended.out + ended.err else []),
            *(["the password in clear"] if PASSWORD.encode() in servers[name].heard else []),
            *(["an escape"] if "\x1b" in ended.out + ended.err else []),
            *(["memory"] if ended.memory > MOST_MEMORY else []),
        ]
        try:
            assert json.loads(ended.out)["schema_version"] == 1
        except ValueError:
            faults.append("no JSON")
        if faults:
            wrong.append((name, faults, ended.code, ended.memory >> 20, ended.err[-300:]))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("login", [asks_full_password, sends_own_key, switches_to_sha256])
def test_the_password_is_not_given_to_an_unknown_key(stack: ExitStack, login: Any) -> None:
    plugin = b"sha256_password" if login is sends_own_key else b"caching_sha2_password"
    server = started(stack, HostileServer(honest, plugin=plugin))
    server.login = login(server)
    server.public_key()
    with pytest.raises(CannotConnect, match="connection without TLS") as refused:
        PyMySqlConnector(target(server)).connect()
    assert refused.value.number == NEEDS_SECURE
    for way in ("--server-public-key-path", "--get-server-public-key", "--ssl-mode", "--ssh"):
        assert way in refused.value.advice
    assert server.secrets() == []
    assert PASSWORD.encode() not in server.heard


@pytest.mark.parametrize("login", [asks_full_password, sends_own_key, switches_to_sha256])
def test_the_password_goes_to_a_key_that_was_named(
    stack: ExitStack, tmp_path: Path, login: Any
) -> None:
    plugin = b"sha256_password" if login is sends_own_key else b"caching_sha2_password"
    server = started(stack, HostileServer(honest, plugin=plugin))
    server.login = login(server)
    key = tmp_path / "public.pem"
    key.write_bytes(server.public_key())
    ways: tuple[dict[str, Any], ...] = (
        {"tls": Tls(ask_public_key=True)},
        {"tls": Tls(public_key=key)},
        {"ssh": SshPlace("db1")},
    )
    for way in ways:
        server.heard.clear()
        PyMySqlConnector(target(server, **way)).connect().close()
        assert PASSWORD.encode() + b"\0" in server.secrets(), way
        assert PASSWORD.encode() not in server.heard


def test_a_key_that_was_named_is_not_replaced(stack: ExitStack, tmp_path: Path) -> None:
    stranger = started(stack, HostileServer(honest, plugin=b"sha256_password"))
    stranger.login = sends_own_key(stranger)
    stranger.public_key()
    known = started(stack, HostileServer(honest))
    key = tmp_path / "public.pem"
    key.write_bytes(known.public_key())
    PyMySqlConnector(target(stranger, tls=Tls(public_key=key))).connect().close()
    assert stranger.secrets() == []


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog", b"auth_gssapi_client"])
def test_the_password_is_never_sent_as_it_is(stack: ExitStack, plugin: bytes) -> None:
    server = started(stack, HostileServer(honest, login=switch_to(plugin)))
    with pytest.raises(CannotConnect):
        PyMySqlConnector(target(server)).connect()
    assert PASSWORD.encode() not in server.heard


@pytest.mark.parametrize("plugin", [b"mysql_clear_password", b"dialog"])
def test_where_the_password_is_asked_for_as_it_is_the_refusal_names_ways_that_help(
    stack: ExitStack, plugin: bytes
) -> None:
    server = started(stack, HostileServer(honest, login=switch_to(plugin)))
    with pytest.raises(CannotConnect, match="in clear text") as refused:
        PyMySqlConnector(target(server)).connect()
    for way in ("--ssl-mode=REQUIRED", "socket", "--ssh"):
        assert way in refused.value.advice
    # No key of the server's makes a plugin encrypt that does not.
    assert "public-key" not in refused.value.advice


def test_through_ssh_to_its_own_machine_the_password_may_go_as_it_is(stack: ExitStack) -> None:
    server = started(stack, HostileServer(honest, login=switch_to(b"mysql_clear_password")))
    PyMySqlConnector(target(server, ssh=SshPlace("db1"))).connect().close()
    assert PASSWORD.encode() in server.heard
    far = started(stack, HostileServer(honest, login=switch_to(b"mysql_clear_password")))
    opened = PyMySqlConnector(target(far)).open()
    away = target(far, ssh=SshPlace("db1"), host="db2.example")
    with pytest.raises(CannotConnect, match="in clear text"):
        PyMySqlConnector(away).over(opened).connect()
    assert PASSWORD.encode() not in far.heard


def test_a_second_factor_is_named(stack: ExitStack) -> None:
    server = started(stack, HostileServer(honest, login=asks_second_factor))
    with pytest.raises(CannotConnect, match="second factor") as refused:
        PyMySqlConnector(target(server)).connect()
    assert "authentication_webauthn_client" in str(refused.value)
    assert "password alone" in refused.value.advice


def odd_logins() -> Iterator[tuple[str, dict[str, Any]]]:
    for plugin in PLUGINS:
        name = repr(plugin)[:30]
        yield f"greets with {name}", {"plugin": plugin}
        yield f"greets with {name}, more", {"plugin": plugin, "login": says(b"\x01\x03")}
        yield f"switches to {name}", {"login": switch_to(plugin)}
        bare = b"\xfe" + plugin + b"\0"
        yield f"switches to {name} without a salt", {"login": says(bare)}
        yield f"keeps switching to {name}", {"login": keeps_switching(plugin)}
    for packet in PACKETS:
        yield f"says {packet[:20]!r}", {"login": says(packet)}
    yield "says it out of turn", {"login": says_out_of_turn}
    yield "floods", {"login": floods_the_login}
    for length in range(1, len(greeting(b"mysql_native_password")), 3):
        yield f"greets with {length} bytes", {"greet": cut_greeting(length)}


@pytest.mark.parametrize("fields", [pytest.param(f, id=name) for name, f in odd_logins()])
def test_no_login_is_told_in_a_drivers_words_or_gives_the_password(
    stack: ExitStack, fields: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wizard.server.pymysql_session._LOGIN_EXTRA", 0.5)
    server = started(stack, HostileServer(honest, **fields))
    try:
        identify(PyMySqlConnector(target(server)).connect(read_timeout=1.0))
    except (CannotConnect, ConnectionLost) as refused:
        told = f"{refused}; {getattr(refused, 'advice', '')}"
        assert told.isprintable()
        for word in ("codec", "attribute", "unpack", "index", "b'", "%r", "('", "local variable"):
            assert word not in told
    assert PASSWORD.encode() not in server.heard


@pytest.mark.parametrize("login", [asks_full_password, sends_own_key, switches_to_sha256])
def test_a_server_that_lets_nobody_in_was_not_looked_at(
    stack: ExitStack, login: Any, tmp_path: Path
) -> None:
    server = started(stack, HostileServer(honest))
    server.login = login(server)
    server.plugin = b"sha256_password" if login is sends_own_key else b"caching_sha2_password"
    ended = check_all({"it": server}, tmp_path)["it"]
    assert ended.code == 3
    assert "--get-server-public-key" in ended.out
    assert "?" not in json.loads(ended.out)["steps"][1]["reason"]


@pytest.mark.parametrize("name", ["endless rows", "endless tiny rows", "an endless row"])
def test_an_answer_has_a_bound(stack: ExitStack, name: str) -> None:
    server = started(stack, HostileServer(after_login(ANSWERS[name])))
    session = PyMySqlConnector(target(server)).connect()
    with pytest.raises(AnswerTooLarge, match="too large"):
        session.rows("SHOW GLOBAL STATUS")
    with pytest.raises(ConnectionLost):
        session.rows("SHOW GLOBAL STATUS")


def test_a_drip_is_not_waited_for_for_ever(
    stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = started(stack, HostileServer(after_login(ANSWERS["dripping rows"])))
    session = PyMySqlConnector(target(server)).connect()
    monkeypatch.setattr("wizard.server.bounded_connection.ANSWER_SECONDS", 1.0)
    began = time.monotonic()
    with pytest.raises(ConnectionLost):
        session.rows("SHOW GLOBAL STATUS")
    assert time.monotonic() - began < 60
    dripping = started(stack, HostileServer(honest, login=dripping_login))
    # Of the login 1.5 s in all, and of each silence far more than a machine stands still.
    monkeypatch.setattr("wizard.server.pymysql_session._LOGIN_EXTRA", -28.5)
    with pytest.raises(CannotConnect, match="does not finish the login"):
        PyMySqlConnector(target(dripping)).connect(read_timeout=30.0)


@pytest.mark.parametrize("name", ["endless rows", "strange error"])
def test_a_server_that_answers_what_cannot_be_used_is_not_told_as_down(
    stack: ExitStack, name: str, tmp_path: Path
) -> None:
    def answer(line: Line, sql: str) -> None:
        (ANSWERS[name] if "GROUP_CONCAT(" in sql else honest)(line, sql)

    server = started(stack, HostileServer(after_login(answer)))
    (password := tmp_path / "password").write_text(PASSWORD)
    words = ["-h", "127.0.0.1", "-P", str(server.port), "-u", "app", "--for", "3s"]
    done = subprocess.run(
        [sys.executable, "-m", "wizard.cli", "watch", *words, "--format", "json",
         "--password-file", str(password)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    told = [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert "server-down" not in told, done.stdout
    assert "gap" in told, done.stdout
