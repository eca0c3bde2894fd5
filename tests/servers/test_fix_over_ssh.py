"""Option files on another machine: edited with sudo, judged by the server, restarted, undone."""

from pathlib import Path

import pytest

from tests.servers.conftest import SharedServers, StartServer
from tests.servers.fix_engine import Engine, command, program
from tests.servers.harness.server import ServerUnderTest
from tests.servers.harness.templates import EVERY_PRODUCT
from tests.servers.sshd.client import ClientHome
from tests.servers.sshd.daemon import OPERATOR, SshDaemon
from tests.servers.sshd.fixtures import StartSshd, client_home, start_sshd
from tests.servers.test_fix_proof import is_too_large
from wizard.hosts.local.host import LocalHost
from wizard.remedies.option_check import check_of

__all__ = ["client_home", "start_sshd"]

pytestmark = pytest.mark.servers

WAIT = ("raise-wait-timeout", "--set", "wait_timeout=9h", "--persist", "--yes")


def with_files(server: ServerUnderTest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server whose option file includes a directory, only root may write both, and none of it
    is written anew at a restart."""
    directory = server.directory / "conf.d"
    directory.mkdir()
    (directory / "50-server.cnf").write_text("[mysqld]\nwait_timeout = 4000\n")
    main = server.option_file
    inside = str(directory)
    if (root := server.binary.root) is not None:
        inside = "/" + str(directory.relative_to(root))
    main.write_text(f"{main.read_text()}!includedir {inside}\n")
    monkeypatch.setattr(server, "_write_options", lambda: None)
    server.restart()
    return directory


def seen(directory: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_uid)
        for path in sorted(directory.glob("*.cnf"))
        if not path.is_symlink()
    }


@pytest.mark.parametrize(
    ("product", "settings"),
    [
        ("mariadb", {}),
        ("mariadb-11.8", {}),
        ("mysql", {"persisted_globals_load": "OFF"}),
    ],
)
def test_a_file_on_this_machine_on_each_product(
    product: str,
    settings: dict[str, str],
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """All but one are in a root of their own, as in a chroot."""
    server = start_server(product, **settings)
    directory = with_files(server, monkeypatch)
    before = seen(directory)
    done = command(server, tmp_path, "fix", *WAIT)
    assert done.code == 0, done.out + done.err
    assert "the server's own check accepts its option files" in done.out
    server.restart()
    assert Engine(server).value("wait_timeout") == "32400"
    assert command(server, tmp_path, "undo", "--yes").code == 0
    assert seen(directory) == before
    assert Engine(server).value("wait_timeout") == "4000"


def with_links(server: ServerUnderTest, directory: Path) -> tuple[Path, Path]:
    """Absolute links to the included directory and to a last file in it; both places."""
    real = directory.rename(directory.with_name("real.d"))
    directory.symlink_to(server.binary.inside(real))
    last = server.directory / "elsewhere.cnf"
    last.write_text("[mysqld]\nwait_timeout = 3000 # ours\n")
    last.chmod(0o640)
    late = real / "zzz-last.cnf"
    late.symlink_to(server.binary.inside(last))
    server.restart()
    assert Engine(server).value("wait_timeout") == "3000"
    return real, late


def test_links_in_a_root_of_its_own_are_the_servers(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = start_server("mariadb-10.5")
    directory, _late = with_links(server, with_files(server, monkeypatch))
    before = seen(directory)
    done = command(server, tmp_path, "fix", *WAIT)
    assert done.code == 0, done.out + done.err
    server.restart()
    assert Engine(server).value("wait_timeout") == "32400"
    assert command(server, tmp_path, "undo", "--yes").code == 0
    assert seen(directory) == before


@pytest.mark.parametrize("product", ["mariadb", "mysql"])
def test_the_server_judges_its_files(
    product: str, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(product)
    directory = with_files(server, monkeypatch)
    host = LocalHost()
    session = Engine(server).session()
    process = next(p for p in host.server_processes() if server.port in p.listening)
    check = check_of(session.info, process)
    session.close()
    assert check is not None
    assert check.complaint(host) == ""
    (directory / "60-wrong.cnf").write_text("[mysqld]\nno_such_option = 1\n")
    assert "no_such_option" in check.complaint(host)


@pytest.fixture
def operator(
    client_home: ClientHome, start_sshd: StartSshd, monkeypatch: pytest.MonkeyPatch
) -> SshDaemon:
    """An account that may do all with sudo, without a password."""
    daemon = start_sshd(
        authorized=(client_home.key(),), sudoers=f"{OPERATOR} ALL=(ALL) NOPASSWD: ALL\n"
    )
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    return daemon


@pytest.mark.parametrize("product", ["mariadb", "mariadb-10.5"])
def test_a_file_over_ssh_with_sudo(
    product: str,
    start_server: StartServer,
    operator: SshDaemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Links lead to the directory and to its last file, as the server sees them: one of the two
    is in a root of its own. `tests.servers.restage` does it with all products."""
    server = start_server(product)
    directory, late = with_links(server, with_files(server, monkeypatch))
    before = seen(directory)
    way = way_to(server, operator, tmp_path)
    done = program("fix", *way, *WAIT)
    assert done.code == 0, done.out + done.err
    assert "the server's own check accepts its option files" in done.out
    added = next(p for p in directory.glob("*goneaway-wizard.cnf"))
    assert added.name > late.name
    assert added.stat().st_uid == 0
    assert added.stat().st_mode & 0o777 == 0o644
    assert not list(directory.glob(".*"))
    server.restart()
    assert Engine(server).value("wait_timeout") == "32400"
    (entry,) = Engine(server).journal.entries()
    undone = program("undo", *way[-4:], "--yes", entry.id)
    assert undone.code == 0, undone.out + undone.err
    assert seen(directory) == before
    server.restart()
    assert Engine(server).value("wait_timeout") == "3000"


def way_to(server: ServerUnderTest, daemon: SshDaemon, directory: Path) -> tuple[str, ...]:
    """The words that lead to the server over SSH."""
    password = directory / "password"
    password.write_text(server.passwords["admin"])
    place = f"{OPERATOR}@127.0.0.1:{daemon.port}"
    who = ("-u", "admin", "--password-file", str(password))
    return ("--ssh", place, "-h", "127.0.0.1", "-P", str(server.port), *who)


@pytest.mark.parametrize("product", EVERY_PRODUCT)
def test_a_fault_over_ssh_is_mended_and_comes_back(
    product: str, shared_servers: SharedServers, operator: SshDaemon, tmp_path: Path
) -> None:
    server = shared_servers(product)
    server.set_global("max_allowed_packet", 1 << 20)
    way = way_to(server, operator, tmp_path)
    fix = ("raise-max-allowed-packet", "--set", "max_allowed_packet=4M", "--yes")
    assert is_too_large(server, 2 << 20)
    done = program("fix", *way, *fix)
    assert done.code == 0, done.out + done.err
    assert "\nProven\n" in done.out
    assert not is_too_large(server, 2 << 20)
    undone = program("undo", *way[-4:], "--yes")
    assert undone.code == 0, undone.out + undone.err
    assert is_too_large(server, 2 << 20)


def test_a_file_over_ssh_is_taken_back_while_the_server_is_down(
    mariadb: ServerUnderTest,
    operator: SshDaemon,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    directory = with_files(mariadb, monkeypatch)
    before = seen(directory)
    way = way_to(mariadb, operator, tmp_path)
    done = program("fix", *way, *WAIT)
    assert done.code == 0, done.out + done.err
    assert seen(directory) != before
    (entry,) = Engine(mariadb).journal.entries()
    mariadb.stop()
    down = program("undo", *way[-4:], "--yes", entry.id)
    assert down.code == 0, down.out + down.err
    assert "partly-undone" in down.out
    assert seen(directory) == before
    mariadb.start()
    assert Engine(mariadb).value("wait_timeout") == "4000"


def test_without_sudo_nothing_is_changed(
    mariadb: ServerUnderTest,
    client_home: ClientHome,
    start_sshd: StartSshd,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    daemon = start_sshd(authorized=(client_home.key(),), sudoers="root ALL=(ALL) ALL\n")
    client_home.knows(daemon)
    monkeypatch.setenv("HOME", str(client_home.home))
    directory = with_files(mariadb, monkeypatch)
    before = seen(directory)
    password = tmp_path / "password"
    password.write_text(mariadb.passwords["admin"])
    way = ("--ssh", f"{OPERATOR}@127.0.0.1:{daemon.port}", "-h", "127.0.0.1")
    who = ("-P", str(mariadb.port), "-u", "admin", "--password-file", str(password))
    done = program("fix", *way, *who, *WAIT)
    assert done.code == 1, done.out + done.err
    assert "Traceback" not in done.err
    assert "the server refuses" not in done.out
    assert seen(directory) == before
    assert Engine(mariadb).value("wait_timeout") == "4000"
