"""Links below a root of its own are followed from that root."""

from pathlib import Path

import pytest

from wizard.target.links import real_in
from wizard.target.option_files import read_options, under


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/etc/alternatives/my.cnf", "etc/alternatives/my.cnf"),
        ("../alternatives/my.cnf", "etc/alternatives/my.cnf"),
        ("../../../../../etc/alternatives/my.cnf", "etc/alternatives/my.cnf"),
        ("/etc/loop", "etc/mysql/my.cnf"),
    ],
)
def test_where_a_link_leads(target: str, place: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc/mysql").mkdir(parents=True)
    (root / "etc/alternatives").mkdir()
    (root / "etc/alternatives/my.cnf").write_text("[mysqld]\nport = 3307\n")
    (root / "etc/loop").symlink_to("/etc/loop")
    (root / "etc/mysql/my.cnf").symlink_to(target)
    path = under(root, Path("/etc/mysql/my.cnf"))
    assert real_in(root, path) == root / place
    assert real_in(Path("/"), path) == path
    told = read_options((path,), ("mysqld",), root)
    assert told.text("port") == ("3307" if "loop" not in target else None)
