"""Local servers, from processes and sockets that a test lays out."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from wizard.hosts.local.listeners import Listeners, system_listeners
from wizard.hosts.protocol import ServerProcess
from wizard.investigation import local_servers as discovery
from wizard.investigation.local_servers import LocalServer, at_local_server, local_servers
from wizard.target.model import Target
from wizard.target.option_files import client_options

NOTHING = Listeners(frozenset(), frozenset())


class Sockets:
    """Listening sockets under a directory."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        self._root = root
        self._stack = stack

    def make(self, name: str) -> str:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = self._stack.enter_context(socket.socket(socket.AF_UNIX))
        opened.bind(str(path))
        opened.listen(1)
        return str(path)


@pytest.fixture
def sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sockets]:
    monkeypatch.setattr(discovery, "DEFAULT_SOCKETS", (str(tmp_path / "known.sock"),))
    monkeypatch.setattr("wizard.target.option_files.SYSTEM_FILES", ())
    with ExitStack() as stack:
        yield Sockets(tmp_path, stack)


def process(*words: str, **known: object) -> ServerProcess:
    values: dict[str, object] = {"pid": 7, "name": "mysqld", "cmdline": ("mysqld", *words)}
    return ServerProcess(**{**values, **known})  # type: ignore[arg-type]


def test_a_process_is_found_by_what_it_listens_on(sockets: Sockets) -> None:
    path, other = sockets.make("a.sock"), sockets.make("mysqlx.sock")
    (found,) = local_servers(
        [process("--port=3399", sockets=(other, path), listening=(33060, 3399))],
        listeners=NOTHING,
    )
    assert (found.socket, found.port, found.pid) == (path, 3399, 7)
    assert found.description == f"mysqld (pid 7) on {path}, port 3399"


def test_a_port_that_is_not_listened_on_is_not_offered(sockets: Sockets) -> None:
    path = sockets.make("a.sock")
    (found,) = local_servers(
        [process("--skip-networking", "--port=3399", sockets=(path,))], listeners=NOTHING
    )
    assert (found.socket, found.port) == (path, None)


def test_a_hidden_process_is_found_by_its_option_file(sockets: Sockets, tmp_path: Path) -> None:
    path = sockets.make("data/rel.sock")
    file = tmp_path / "my.cnf"
    file.write_text("[mysqld]\nsocket=rel.sock\nport=3398\n")
    (found,) = local_servers(
        [process(f"--defaults-file={file}", "--datadir", str(tmp_path / "data"))],
        listeners=Listeners(frozenset(), frozenset({3398})),
    )
    assert (found.socket, found.port, found.option_file) == (path, 3398, file)


def test_a_container_is_reached_through_its_root(sockets: Sockets, tmp_path: Path) -> None:
    path = sockets.make("root/run/my.sock")
    (found,) = local_servers(
        [process("--socket=/run/my.sock", "--defaults-file=/etc/x.cnf", root=f"{tmp_path}/root")],
        listeners=Listeners(frozenset(), frozenset({3306})),
    )
    assert found.socket == path
    # Port 3306 of this machine need not be the container's.
    assert found.port is None
    assert found.option_file == tmp_path / "root/etc/x.cnf"
    assert "container" in found.description


def test_two_hidden_servers_do_not_share_one_socket(sockets: Sockets) -> None:
    known = sockets.make("known.sock")
    found = local_servers([process(), process(pid=8)], listeners=NOTHING)
    assert [server.socket for server in found] == [known, None]


def test_each_server_is_listed_once(sockets: Sockets, tmp_path: Path) -> None:
    path = sockets.make("known.sock")
    link = tmp_path / "link.sock"
    link.symlink_to(path)
    file = tmp_path / "my.cnf"
    file.write_text(f"[client]\nsocket={link}\n")
    listeners = Listeners(frozenset({path}), frozenset())
    options = client_options([file])
    (by_process,) = local_servers([process(sockets=(path,))], options, listeners)
    assert by_process.pid == 7
    (by_socket,) = local_servers([], options, listeners)
    assert by_socket.socket == str(link)


def test_a_socket_that_nobody_holds_is_no_server(sockets: Sockets) -> None:
    sockets.make("known.sock")
    assert local_servers([], listeners=NOTHING) == ()


def test_a_port_alone_is_the_last_resort(sockets: Sockets) -> None:
    listeners = Listeners(frozenset(), frozenset({22, 3306}))
    (found,) = local_servers([], listeners=listeners)
    assert (found.socket, found.port) == (None, 3306)
    path = sockets.make("a.sock")
    (found,) = local_servers([process(sockets=(path,))], listeners=listeners)
    assert found.socket == path


def test_the_system_tells_what_listens(sockets: Sockets) -> None:
    path = sockets.make("listening.sock")
    with socket.create_server(("127.0.0.1", 0)) as opened:
        seen = system_listeners()
        assert opened.getsockname()[1] in seen.ports
    assert path in seen.sockets


def test_a_target_moves_to_the_server_that_was_chosen() -> None:
    target = Target(host="elsewhere", user="u", origin="user from --user")
    moved = at_local_server(target, LocalServer("d", socket="/s.sock", port=3399))
    assert (moved.host, moved.socket, moved.port, moved.user) == (None, "/s.sock", 3399, "u")
    moved = at_local_server(target, LocalServer("d", port=3399))
    assert moved.label == "127.0.0.1:3399"


@pytest.mark.usefixtures("sockets")
def test_control_characters_do_not_reach_the_list() -> None:
    (found,) = local_servers([process(name="mysqld\x1b[31m")], listeners=NOTHING)
    assert "\x1b" not in found.description
