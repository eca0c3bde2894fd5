"""Where the harness looks for trees with servers, and which mirror it would build them from."""

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.servers.harness import debian_mirror, server_trees
from tests.servers.harness.debian_mirror import NoSuite, NoTree, carrier, mirror
from tests.servers.harness.server_trees import PRODUCTS, Product, places, tree

MYSQL = PRODUCTS["mysql"]


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
    assert places(MYSQL, {"GONEAWAY_MYSQL_TREE": "/x/y", "HOME": "/h"}) == (Path("/x/y"),)
    named = {"GONEAWAY_MARIADB_10_5_TREE": "/x/y"}
    assert places(PRODUCTS["mariadb-10.5"], named) == (Path("/x/y"),)


def test_the_cache_comes_before_the_system_wide_place() -> None:
    first, second = places(MYSQL, {"HOME": "/h", "XDG_CACHE_HOME": "/c"})
    assert first == Path("/c/goneaway-wizard/mysql-sid")
    assert second.parts[1] == "var"
    assert places(MYSQL, {"HOME": "/h"})[0] == Path("/h/.cache/goneaway-wizard/mysql-sid")


class Mirrors(BaseHTTPRequestHandler):
    """Carries the suite `old` at /archive alone, and `broken` nowhere: it answers 503."""

    def do_HEAD(self) -> None:
        if "broken" in self.path:
            self.send_error(503)
        elif self.path == "/archive/dists/old/Release" or "/dists/new/" in self.path:
            self.send_response(200)
            self.end_headers()
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def mirrors(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Mirrors) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(debian_mirror, "mirror", lambda: f"{address}/own")
        monkeypatch.setattr(debian_mirror, "_ARCHIVE", f"{address}/archive")
        yield address
        server.shutdown()


def test_the_archive_is_asked_for_what_the_mirror_has_no_longer(mirrors: str) -> None:
    assert carrier("new") == f"{mirrors}/own"
    assert carrier("old") == f"{mirrors}/archive"


def test_a_suite_that_is_nowhere_is_told_from_a_mirror_out_of_order(
    mirrors: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NoSuite, match=f"{mirrors}/own has no suite never"):
        carrier("never")
    with pytest.raises(NoTree, match="answers 503") as broken:
        carrier("broken")
    assert not isinstance(broken.value, NoSuite)
    monkeypatch.setattr(debian_mirror, "_ARCHIVE", "http://127.0.0.1:1")
    with pytest.raises(NoSuite):
        carrier("never")


def test_a_tree_with_another_series_never_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = replace(MYSQL, series="7")

    def debootstrap(_product: Product, directory: Path) -> None:
        program = directory / "usr/sbin/mysqld"
        program.parent.mkdir(parents=True)
        program.touch()

    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/sbin/debootstrap")
    monkeypatch.setattr(server_trees, "_debootstrap", debootstrap)
    monkeypatch.setattr(server_trees, "_says", lambda _binary: "mysqld  Ver 9.7.4 for Linux")
    place = tmp_path / "tree"
    with pytest.raises(NoTree, match="sid holds no mysql 7"):
        tree(product, {"GONEAWAY_MYSQL_TREE": str(place)})
    assert not place.exists()
    assert tree(MYSQL, {"GONEAWAY_MYSQL_TREE": str(place)}) == place
    assert (place / "usr/sbin/mysqld").exists()
