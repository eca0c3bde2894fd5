"""Option files: the place where a line wins, the edit, and the way back byte for byte."""

import os
from pathlib import Path

import pytest

from wizard.remedies.journal_entry import FileRecord
from wizard.remedies.option_file_edit import (
    FileEdit,
    NoPlace,
    OptionFilePlace,
    edit,
    places,
    writable,
)
from wizard.remedies.option_file_write import (
    FileChangeError,
    add_block,
    file_conflict,
    remove_block,
)
from wizard.target.option_files import OptionSet, server_options


def places_of(main: Path) -> tuple[OptionFilePlace, ...]:
    def read(root: Path) -> OptionSet:
        return server_options("mariadb", (10, 11), defaults_file=main, root=root)

    return places(read(Path("/")), "mariadb", read)


def value_of(main: Path, name: str) -> str | None:
    return server_options("mariadb", (10, 11), defaults_file=main).text(name)


def record_of(made: FileEdit) -> FileRecord:
    return FileRecord(
        str(made.path), made.block, made.existed, made.before_sha256, made.after_sha256
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """As Debian lays it out: a main file that includes two directories."""
    for name in ("conf.d", "mariadb.conf.d"):
        (tmp_path / name).mkdir()
    (tmp_path / "mariadb.conf.d" / "50-server.cnf").write_text(
        "[mysqld]\nwait_timeout = 100\nmax-allowed-packet=16M # small\n"
    )
    main = tmp_path / "my.cnf"
    main.write_text(
        "[client-server]\nport=3306\n"
        f"!includedir {tmp_path}/conf.d/\n!includedir {tmp_path}/mariadb.conf.d/\n"
    )
    return main


def test_a_file_of_our_own_in_the_last_directory(tree: Path) -> None:
    place = places_of(tree)[0]
    assert place.path == tree.parent / "mariadb.conf.d" / "zz-goneaway-wizard.cnf"
    assert place.before is None
    assert "wait_timeout" not in place.beaten
    made = edit(place, [("wait_timeout", "600"), ("max_allowed_packet", "67108864")], "because")
    add_block(record_of(made))
    assert value_of(tree, "wait_timeout") == "600"
    assert value_of(tree, "max_allowed_packet") == "67108864"
    assert place.path.stat().st_mode & 0o777 == 0o644
    assert "+wait_timeout = 600" in made.diff
    assert made.diff.startswith("--- /dev/null\n")
    remove_block(record_of(made))
    assert not place.path.exists()
    assert value_of(tree, "wait_timeout") == "100"


def test_a_file_that_sorts_later_is_overtaken(tree: Path) -> None:
    late = tree.parent / "mariadb.conf.d" / "zzz-local.cnf"
    late.write_text("[mariadb]\nwait_timeout = 5\n")
    place = places_of(tree)[0]
    assert place.path.name > late.name
    add_block(record_of(edit(place, [("wait_timeout", "600")], "because")))
    assert value_of(tree, "wait_timeout") == "600"


def test_a_line_behind_the_include_beats_the_directory(tree: Path) -> None:
    with tree.open("a") as file:
        file.write("[mysqld]\nwait_timeout = 7\n")
    first, *others = places_of(tree)
    assert "wait_timeout" in first.beaten
    last = others[-1]
    assert last.path == tree
    assert "wait_timeout" not in last.beaten
    before = tree.read_bytes()
    made = edit(last, [("wait_timeout", "600")], "because")
    add_block(record_of(made))
    assert value_of(tree, "wait_timeout") == "600"
    assert tree.read_bytes().startswith(before)
    assert "byte for byte" in remove_block(record_of(made))
    assert tree.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"[mysqld]\nport=1", b"[mysqld]\r\nx\xff=1\r\n\r\n"])
def test_undo_is_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    main = tmp_path / "my.cnf"
    main.write_bytes(content)
    main.chmod(0o640)
    made = edit(places_of(main)[0], [("wait_timeout", "600")], "because")
    add_block(record_of(made))
    assert value_of(main, "wait_timeout") == "600"
    assert main.stat().st_mode & 0o777 == 0o640
    remove_block(record_of(made))
    assert main.read_bytes() == content
    assert main.stat().st_mode & 0o777 == 0o640


def test_the_owner_and_a_symlink_survive(tmp_path: Path) -> None:
    real = tmp_path / "real.cnf"
    real.write_text("[mysqld]\n")
    if os.geteuid() == 0:
        os.chown(real, 12345, 12346)
    link = tmp_path / "my.cnf"
    link.symlink_to(real)
    owner = real.stat().st_uid, real.stat().st_gid
    add_block(record_of(edit(places_of(link)[0], [("wait_timeout", "600")], "because")))
    assert link.is_symlink()
    assert (real.stat().st_uid, real.stat().st_gid) == owner
    assert "wait_timeout = 600" in real.read_text()


def test_what_others_wrote_since_is_left(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\nport=1\n")
    made = edit(places_of(main)[0], [("wait_timeout", "600")], "because")
    add_block(record_of(made))
    with main.open("a") as file:
        file.write("net_read_timeout = 9\n")
    assert file_conflict(record_of(made), True) == ""
    assert "others" in remove_block(record_of(made))
    assert main.read_text() == "[mysqld]\nport=1\nnet_read_timeout = 9\n"


def test_lines_that_others_edited_are_a_conflict(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    made = edit(places_of(main)[0], [("wait_timeout", "600")], "because")
    add_block(record_of(made))
    main.write_text(main.read_text().replace("600", "601"))
    assert "no longer there" in file_conflict(record_of(made), True)
    with pytest.raises(FileChangeError):
        remove_block(record_of(made))
    assert "601" in main.read_text()


def test_a_file_that_changed_since_the_preview_is_left(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    made = edit(places_of(main)[0], [("wait_timeout", "600")], "because")
    main.write_text("[mysqld]\nport=1\n")
    with pytest.raises(FileChangeError, match="since the preview"):
        add_block(record_of(made))
    assert main.read_text() == "[mysqld]\nport=1\n"
    assert list(tmp_path.iterdir()) == [main]


def test_the_diff_hides_passwords(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n[client]\npassword = hunter2\nssl-key=/etc/k\n")
    made = edit(places_of(main)[0], [("wait_timeout", "600")], "because")
    assert "hunter2" not in made.diff
    assert "= ?" in made.diff


def test_no_option_file_is_no_place(tmp_path: Path) -> None:
    with pytest.raises(NoPlace, match="no option file"):
        places_of(tmp_path / "missing.cnf")


def test_a_file_that_everyone_may_write_is_refused(tmp_path: Path) -> None:
    main = tmp_path / "my.cnf"
    main.write_text("[mysqld]\n")
    place = places_of(main)[0]
    main.chmod(0o666)
    assert "everyone" in writable(place)
    main.chmod(0o644)
    assert writable(place) == ""


def test_what_a_killed_wizard_left_is_cleared_and_nothing_else(tree: Path) -> None:
    place = places_of(tree)[0]
    made = record_of(edit(place, [("wait_timeout", "600")], "because"))
    left = place.path.with_name(f".{place.path.name}.0123abcd")
    others = [place.path.with_name(name) for name in (".hidden", f".{place.path.name}.bak")]
    for path in (left, *others):
        path.write_text("x")
    assert remove_block(made).endswith("is as it was before")
    assert not left.exists()
    left.write_text("x")
    add_block(made)
    assert not left.exists()
    remove_block(made)
    assert all(path.exists() for path in others)
