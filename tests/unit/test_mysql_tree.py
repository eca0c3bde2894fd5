"""Where the harness looks for MySQL's tree, and which mirror it would build it from."""

from pathlib import Path

import pytest

from tests.servers.harness.mysql_tree import NoTree, mirror, places


def apt(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    for name, text in files.items():
        place = tmp_path if name == "sources_list" else tmp_path / "sources.list.d"
        (place / name.replace("_", ".")).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_mirror_comes_from_a_deb822_stanza(tmp_path: Path) -> None:
    text = (
        "Types: deb\nURIs: http://other.example/debian\nSuites: bookworm-security\n\n"
        "Types: deb\n# a remark: with a colon\nURIs: http://mirror.example/debian\n"
        "Suites: bookworm bookworm-updates\nComponents: main\n"
    )
    assert mirror(apt(tmp_path, debian_sources=text), "bookworm") == "http://mirror.example/debian"


def test_the_mirror_comes_from_a_one_line_entry(tmp_path: Path) -> None:
    text = (
        "# deb http://old.example/debian bookworm main\n"
        "deb http://other.example/apt cloud-bookworm main\n"
        "deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian bookworm main\n"
    )
    assert mirror(apt(tmp_path, sources_list=text), "bookworm") == "http://mirror.example/debian"


def test_a_disabled_or_source_only_stanza_is_no_mirror(tmp_path: Path) -> None:
    text = (
        "Types: deb\nURIs: http://off.example/debian\nSuites: bookworm\nEnabled: no\n\n"
        "Types: deb-src\nURIs: http://src.example/debian\nSuites: bookworm\n"
    )
    with pytest.raises(NoTree, match="no mirror for bookworm"):
        mirror(apt(tmp_path, debian_sources=text), "bookworm")


def test_a_named_tree_is_the_only_place() -> None:
    assert places({"GONEAWAY_MYSQL_TREE": "/x/y", "HOME": "/h"}) == (Path("/x/y"),)


def test_the_cache_comes_before_the_system_wide_place() -> None:
    first, second = places({"HOME": "/h", "XDG_CACHE_HOME": "/c"})
    assert first == Path("/c/goneaway-wizard/mysql-sid")
    assert second.parts[1] == "var"
    assert places({"HOME": "/h"})[0] == Path("/h/.cache/goneaway-wizard/mysql-sid")
