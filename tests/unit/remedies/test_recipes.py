"""The client recipes as data: complete, in the right units, and text that a parser accepts."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from knowledge.load import KnowledgeError, signatures
from knowledge.recipe import PLACE, Purpose, Quantity, Recipe, RecipeValue, Snippet, Unit, recipes
from knowledge.recipe import _recipe as read_recipe
from wizard.logs.application.driver_marks import BY_MARK
from wizard.recipes import FilledSnippet, RecipeFigures, explain_lines, filled, values
from wizard.recipes.values import figure

ALL = tuple(recipes().values())
SECONDS = {Unit.MILLISECONDS: 0.001, Unit.SECONDS: 1.0, Unit.MINUTES: 60.0}
EVERY_WAIT = (1, 2, 5, 10, 20, 31, 60, 240, 300, 350, 600, 3600, 28800, 31_536_000)
CONTRACT = {
    "idle-timeout", "idle-transaction-timeout", "packet-too-large", "net-read-timeout",
    "net-write-timeout", "shared-connection", "stale-pooled-connection", "network-idle-drop",
    "proxy-timeout", "client-not-closing", "client-packet-limit", "client-read-timeout",
    "too-many-connections", "user-limit", "server-restarted", "failover",
}  # fmt: skip
WANTED = {
    "php-pdo", "php-mysqli", "laravel", "wordpress", "symfony-doctrine", "django", "sqlalchemy",
    "pymysql", "mysqlclient", "hikaricp", "spring-boot", "go-database-sql", "node-mysql2", "knex",
    "typeorm", "prisma", "rails", "dotnet-mysqlconnector", "celery", "fork-servers", "haproxy",
    "proxysql", "maxscale", "mysql-router", "aws", "azure", "gcp", "any-pool",
}  # fmt: skip


def measured(wait: int, packet: int = 16 << 20) -> RecipeFigures:
    return RecipeFigures(shortest=wait, because="", wait_timeout=wait, packet_limit=packet)


def named(recipe: Recipe) -> str:
    return recipe.id


def every_snippet() -> list[tuple[str, FilledSnippet]]:
    return [(recipe.id, snippet) for recipe in ALL for snippet in filled(recipe, measured(600))]


def of_format(*formats: str) -> list[tuple[str, FilledSnippet]]:
    found = [(name, f) for name, f in every_snippet() if f.snippet.format in formats]
    assert found, formats
    return found


def test_all_wanted_clients_are_there() -> None:
    assert set(recipes()) >= WANTED


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_a_recipe_is_complete(recipe: Recipe) -> None:
    assert recipe.title
    assert recipe.summary.endswith(".")
    assert recipe.snippets
    assert recipe.traps
    assert recipe.verify
    assert recipe.references
    assert all(r.url.startswith("https://") for r in recipe.references)
    assert set(recipe.causes) <= CONTRACT
    assert all(mark == mark.lower() and len(mark) > 3 for mark in recipe.marks)


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_a_recipe_is_found_by_something(recipe: Recipe) -> None:
    assert recipe.drivers or recipe.marks or recipe.hosts or recipe.anyone or recipe.kind == "any"


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_its_drivers_are_names_that_a_failure_can_have(recipe: Recipe) -> None:
    known = {s.driver for s in signatures("client")} | {driver for _mark, driver in BY_MARK}
    assert set(recipe.drivers) <= known


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_every_place_is_filled_or_the_snippet_left_out(recipe: Recipe) -> None:
    for found in (f for wait in EVERY_WAIT for f in filled(recipe, measured(wait, 1024))):
        assert not PLACE.search(found.text)
        assert bool(found.text) != bool(found.remark)


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_a_pool_gives_up_before_the_server_does(recipe: Recipe) -> None:
    limits = (Quantity.POOL_LIFETIME, Quantity.IDLE_LIMIT, Quantity.KEEPALIVE)
    for value in (v for s in recipe.snippets for v in s.values if v.quantity in limits):
        for wait in EVERY_WAIT:
            number = figure(value, measured(wait))
            if number is not None:
                assert number >= max(1, value.minimum)
                assert number * SECONDS[value.unit] < wait, (value.name, wait)


@pytest.mark.parametrize("wait", [60, 600, 28800])
@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_the_usual_timeouts_can_always_be_met(recipe: Recipe, wait: int) -> None:
    assert all(found.text for found in filled(recipe, measured(wait)))


@pytest.mark.parametrize("wait", [60, 600, 3600])
@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_a_proxy_is_more_patient_than_the_server(recipe: Recipe, wait: int) -> None:
    for value in (v for s in recipe.snippets for v in s.values):
        if value.quantity is Quantity.PATH_TIMEOUT:
            number = figure(value, measured(wait))
            assert number is not None
            assert number * SECONDS[value.unit] > wait


@pytest.mark.parametrize("packet", [1024, 1 << 20, 4 << 20, 16 << 20, 1 << 30])
@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_a_chunk_fits_into_a_packet_even_when_all_of_it_is_escaped(
    recipe: Recipe, packet: int
) -> None:
    for value in (v for s in recipe.snippets for v in s.values):
        if value.quantity is Quantity.CHUNK_SIZE:
            number = figure(value, measured(600, packet))
            assert number is not None
            assert value.unit is Unit.BYTES
            assert 1 <= number * 2 <= packet


@pytest.mark.parametrize(
    ("wait", "expected"),
    [(60, {"lifetime": "54000"}), (600, {"lifetime": "540000"}), (28800, {"lifetime": "1800000"})],
)
def test_hikari_gets_milliseconds(wait: int, expected: dict[str, str]) -> None:
    found = values(recipes()["hikaricp"], measured(wait))
    assert {name: found[name] for name in expected} == expected


def test_the_same_figures_in_each_library_s_own_unit() -> None:
    limits = measured(600)
    assert values(recipes()["sqlalchemy"], limits)["lifetime"] == "540"
    assert values(recipes()["node-mysql2"], limits)["idle"] == "270000"
    assert values(recipes()["prisma"], limits)["idle_seconds"] == "270"
    assert values(recipes()["proxysql"], limits) == {
        "patience": "660000",
        "lifetime": "540000",
        "keepalive": "120",
        "packet": "16777216",
    }
    assert values(recipes()["azure"], limits)["balancer"] == "11"
    assert values(recipes()["aws"], measured(28800))["balancer"] == "6000"


def test_a_timeout_below_hikari_s_minimum_is_said_and_not_set() -> None:
    pool = filled(recipes()["hikaricp"], measured(20))[0]
    assert pool.text == ""
    assert "no less than 30000 ms" in pool.remark
    assert "20 s" in pool.remark


def test_the_rails_reaper_is_done_before_the_timeout() -> None:
    """A connection may grow older than idle_timeout by one turn of the reaper."""
    for wait in (10, 60, 600):
        found = values(recipes()["rails"], measured(wait))
        assert int(found["idle"]) + int(found["reap"]) < wait


def test_python_compiles() -> None:
    for name, found in of_format("python"):
        compile(found.text, name, "exec")


def test_ini_files_parse() -> None:
    for name, found in of_format("ini"):
        text = found.text if "[" in found.text else f"[sysctl]\n{found.text}"
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text, name)
        assert any(parser.items(section) for section in parser.sections()), name


def test_properties_are_names_and_plain_values() -> None:
    for name, found in of_format("properties"):
        for line in found.text.strip().splitlines():
            assert re.fullmatch(r"[\w.-]+=(\d+|true|false)", line), (name, line)


def test_every_language_is_one_that_a_test_reads() -> None:
    read = {"python", "ini", "properties", "yaml", "js", "haproxy"}
    balanced = {"php", "go", "java", "csharp", "ruby"}
    assert {f.snippet.format for _name, f in every_snippet()} <= (
        read | balanced | {"sql", "shell", "text"}
    )


def test_yaml_indents_by_spaces() -> None:
    for name, found in of_format("yaml"):
        for line in found.text.splitlines():
            assert re.fullmatch(r" *(- )?[\w.]+(:( .+)?)?", line), (name, line)


def test_brackets_are_balanced() -> None:
    for name, found in of_format("php", "js", "go", "java", "csharp", "ruby"):
        code = re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|//[^\n]*|#[^\n]*", "", found.text)
        for opening, closing in ("()", "[]", "{}"):
            assert code.count(opening) == code.count(closing), (name, found.snippet.title)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_javascript_has_the_right_syntax(tmp_path: Path) -> None:
    for name, found in of_format("js"):
        # A function around it allows await; a module allows export only at the top.
        text = found.text if "export" in found.text else f"async () => {{\n{found.text}\n}};"
        place = tmp_path / f"{name}.mjs"
        place.write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["node", "--check", place], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (name, done.stderr)


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="haproxy is not installed")
@pytest.mark.parametrize("wait", [60, 28800, 31_536_000])
def test_haproxy_takes_its_snippet(tmp_path: Path, wait: int) -> None:
    found = filled(recipes()["haproxy"], measured(wait))[0]
    place = tmp_path / "haproxy.cfg"
    place.write_text(
        "listen mysql\n    bind 127.0.0.1:1\n    mode tcp\n    timeout connect 5s\n"
        f"{found.text}    server db1 127.0.0.1:3306\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["haproxy", "-c", "-f", place], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_snippets_name_their_unit_beside_a_figure() -> None:
    """Where neither the option's name nor a suffix tells the unit, a comment does."""
    for name, found in of_format("python", "js", "csharp", "php"):
        for line in found.snippet.text.splitlines():
            if PLACE.search(line):
                assert re.search(r"(#|//) (seconds|ms|bytes)", line), (name, line)


@pytest.mark.parametrize("recipe", ALL, ids=named)
def test_explained_in_eighty_columns(recipe: Recipe) -> None:
    for known in (None, measured(60)):
        lines = explain_lines(recipe.id, known)
        assert lines[0].startswith(f"{recipe.id}: ")
        wide = [line for line in lines if len(line) > 80 and "https://" not in line]
        assert not wide
        assert all(cause in " ".join(lines) for cause in recipe.causes)
        assert all(trap.option.split(",")[0].split()[0] in " ".join(lines) for trap in recipe.traps)


def test_an_unknown_recipe_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        explain_lines("no-such-recipe")


def broken(**change: object) -> dict[str, object]:
    snippet = {
        "title": "t", "purpose": "lifetime", "format": "text", "place": "p", "why": "w",
        "text": "x = @life@", "values": {"life": {"quantity": "pool-lifetime", "unit": "s"}},
    }  # fmt: skip
    return {
        "id": "x", "title": "t", "kind": "any", "summary": "s", "verify": "v",
        "snippet": [{**snippet, **change}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"text": "x = @other@"},
        {"text": "x = 1"},
        {"purpose": "magic"},
        {"values": {"life": {"quantity": "wait", "unit": "s"}}},
        {"values": {"life": {"quantity": "pool-lifetime", "unit": "hours"}}},
        {"colour": "red"},
    ],
)
def test_a_broken_entry_is_refused_by_name(change: dict[str, object]) -> None:
    with pytest.raises(KnowledgeError, match=r"^x: "):
        read_recipe(broken(**change))


def test_the_entry_that_was_broken_is_sound_otherwise() -> None:
    recipe = read_recipe(broken())
    assert recipe.snippets == (
        Snippet(
            "t", Purpose.LIFETIME, "text", "p", "x = @life@", "w",
            (RecipeValue("life", Quantity.POOL_LIFETIME, Unit.SECONDS),),
        ),
    )  # fmt: skip
