"""Option files, measured against my_print_defaults where it is installed."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from wizard.target.option_files import (
    MAX_FILES,
    client_options,
    read_options,
    search_path,
    server_options,
)

PRINT_DEFAULTS = shutil.which("my_print_defaults")

TRICKY = r"""
# a comment
; another
[client]
user = "a b"   # comment
password='it\'s#x'
open-quote=it's#x
quoted="a#b" # c
escapes=a\sb\\c\tx\q\"y\bz
lone='
empty=''
trailing=a\
spaced  =  x y
flag
after_group = 1
after-group = 2
[ client ]
leading-space=ignored
[client ]
trailing-space=read
[client]extra
after-bracket=read
  [client]
  indented=read
[mysqld]
user=mysql
"""


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def _printed(path: Path, *groups: str) -> dict[str, str | None]:
    """What my_print_defaults makes of the file, by canonical name; the last one wins."""
    assert PRINT_DEFAULTS
    done = subprocess.run(
        [PRINT_DEFAULTS, f"--defaults-file={path}", *groups],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    found: dict[str, str | None] = {}
    for line in done.stdout.split("\n--"):
        name, equals, value = line.removeprefix("--").removesuffix("\n").partition("=")
        found[name.replace("-", "_")] = value if equals else None
    return found


@pytest.mark.skipif(PRINT_DEFAULTS is None, reason="my_print_defaults is not installed")
def test_agrees_with_the_programs_of_the_distribution(tmp_path: Path) -> None:
    extra = tmp_path / "extra"
    _write(extra / "b.cnf", "[client]\r\nfrom=b\r\nonly-b=1\r\n")
    _write(extra / "a.cnf", "[client]\nfrom=a\n[other]\nfrom=other")
    _write(extra / "c.txt", "[client]\nfrom=c\n")
    _write(extra / "w.cnf", "[client]\nfrom=w\n").chmod(0o666)
    main = _write(
        tmp_path / "main.cnf",
        f"{TRICKY}!include {extra}/a.cnf\n!includedir {extra}\n[client]\nlast=1\n",
    )
    options = read_options([main], ["client"]).options
    assert {name: option.value for name, option in options.items()} == _printed(main, "client")
    assert options["from"].value == "b"
    assert options["escapes"].value == 'a b\\c\tx\\q"y\bz'
    assert options["after_group"].value == "2"


def test_a_value_tells_its_file_line_and_group(tmp_path: Path) -> None:
    inner = _write(tmp_path / "inner.cnf", "[mysqld]\n\nmax-allowed-packet=1G\n")
    main = _write(tmp_path / "main.cnf", f"[mysqld]\nwait_timeout=5\n!include {inner}\n")
    found = server_options("mysql", defaults_file=main)
    packet = found.options["max_allowed_packet"]
    assert (packet.value, packet.path, packet.line, packet.group) == ("1G", inner, 3, "mysqld")
    assert found.where("wait_timeout") == f"{main}:2"
    assert found.files == (main, inner)


def test_the_group_goes_on_after_an_include(tmp_path: Path) -> None:
    inner = _write(tmp_path / "inner.cnf", "[other]\nx=1\n")
    main = _write(tmp_path / "main.cnf", f"[client]\n!include {inner}\nuser=u\n")
    assert read_options([main], ["client"]).text("user") == "u"


@pytest.mark.parametrize(
    ("flavor", "version", "expected"),
    [
        ("mariadb", (10, 11), "series"),
        ("mariadb", (11, 4), "mariadb"),
        ("mariadb", None, "mariadb"),
        ("mysql", (8, 4), "mysqld84"),
        ("mysql", (9, 7), "mysqld"),
    ],
)
def test_a_server_reads_the_groups_of_its_kind_and_series(
    tmp_path: Path, flavor: str, version: tuple[int, int] | None, expected: str
) -> None:
    main = _write(
        tmp_path / "main.cnf",
        "[mysqld]\nx=mysqld\n[mariadb]\nx=mariadb\n"
        "[mariadb-10.11]\nx=series\n[mysqld-8.4]\nx=mysqld84\n[client]\nx=client\n",
    )
    assert server_options(flavor, version, defaults_file=main).text("x") == expected


def test_a_group_suffix_adds_groups(tmp_path: Path) -> None:
    main = _write(tmp_path / "m.cnf", "[client]\nuser=a\nport=1\n[client_two]\nuser=b\n")
    assert client_options([main]).text("user") == "a"
    both = client_options([main], "_two")
    assert (both.text("user"), both.text("port")) == ("b", "1")


def test_what_is_ignored_is_said(tmp_path: Path) -> None:
    writable = _write(tmp_path / "open.cnf", "[client]\nuser=evil\n")
    writable.chmod(0o666)
    found = client_options([writable, tmp_path / "missing.cnf"])
    assert found.text("user") is None
    assert found.remarks == (f"{writable} is ignored: everyone may write to it",)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to change the account")
def test_an_unreadable_file_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        if parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o055)
    closed = _write(tmp_path / "closed.cnf", "[client]\nuser=hidden\n")
    open_one = _write(tmp_path / "open.cnf", "[client]\nport=1\n")
    open_one.chmod(0o644)
    os.seteuid(65534)
    try:
        found = client_options([closed, open_one])
    finally:
        os.seteuid(0)
    assert found.text("port") == "1"
    assert found.text("user") is None
    assert found.remarks == (f"{closed} is not read: Permission denied",)


def test_a_loop_of_includes_ends(tmp_path: Path) -> None:
    loop = tmp_path / "loop.cnf"
    _write(loop, f"[client]\nuser=u\n!include {loop}\n")
    found = client_options([loop])
    assert found.text("user") == "u"
    assert any("nested too deep" in remark for remark in found.remarks)


def test_directories_that_include_one_another_are_bounded(tmp_path: Path) -> None:
    for name in "abcdefgh":
        _write(tmp_path / f"{name}.cnf", f"[client]\nuser={name}\n!includedir {tmp_path}\n")
    found = client_options([tmp_path / "a.cnf"])
    assert any(str(MAX_FILES) in remark for remark in found.remarks)


def test_a_broken_group_ends_the_file(tmp_path: Path) -> None:
    main = _write(tmp_path / "m.cnf", "stray=1\n[client]\nuser=a\n[client\nuser=b\n")
    found = client_options([main])
    assert found.text("user") == "a"
    assert [remark.split(" ", 1)[0] for remark in found.remarks] == [f"{main}:1", f"{main}:4"]


def test_a_root_of_its_own_holds_for_includes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    _write(root / "etc/my.cnf", "[mysqld]\nport=3306\n!includedir /etc/my.cnf.d\n")
    inner = _write(root / "etc/my.cnf.d/x.cnf", "[mysqld]\nport=3399\n")
    found = server_options("mysql", root=root)
    assert found.text("port") == "3399"
    assert found.options["port"].path == inner
    assert found.directories == (root / "etc/my.cnf.d",)


def test_the_search_path_is_the_clients() -> None:
    environ = {"HOME": "/home/me", "MYSQL_HOME": "/opt/mysql"}
    paths = [str(p) for p in search_path(environ, extra_file=Path("/x.cnf"))]
    assert paths[:2] == ["/etc/my.cnf", "/etc/mysql/my.cnf"]
    assert paths[-3:] == ["/opt/mysql/my.cnf", "/x.cnf", "/home/me/.my.cnf"]
    assert search_path(environ, defaults_file=Path("/only.cnf")) == (Path("/only.cnf"),)


def test_a_password_does_not_show_in_a_repr(tmp_path: Path) -> None:
    main = _write(tmp_path / "m.cnf", "[client]\npassword=hunter2\n")
    assert "hunter2" not in repr(client_options([main]))
