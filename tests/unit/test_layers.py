"""Who may import whom: knowledge nothing of ours, wizard never Textual, no circles."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("knowledge", "wizard", "screens")
DRIVERS = ("pymysql", "paramiko", "psutil", "cryptography")

FLOW = (
    ("safety", "units", "columns"),
    ("target",),
    ("case",),
    ("hosts",),
    ("server",),
    ("logs",),
    ("health",),
    ("steps",),
    ("probes",),
    ("diagnosis",),
    ("remedies",),
    ("recipes",),
    ("capture",),
    ("report", "explain", "schema"),
    ("investigation",),
    ("fleet",),
    ("recorder",),
    ("demo",),
    ("commands",),
    ("cli",),
    ("entry",),
    ("__main__",),
)
"""The rooms of `wizard`, lower ones first: data flows down this list, imports go up it only."""

FLOOR = {room: number for number, rooms in enumerate(FLOW) for room in rooms}


def modules(room: str) -> dict[str, Path]:
    found = {}
    for path in sorted((ROOT / room).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(tree: ast.AST, late: bool, typing: bool = False) -> Iterator[str]:
    """Modules named by absolute imports; inside functions and for types only where asked for."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            if typing:
                yield from imports(node, late, typing)
        elif late or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from imports(node, late, typing)


def all_imports(path: Path, late: bool = True, typing: bool = False) -> set[str]:
    return set(imports(ast.parse(path.read_text(encoding="utf-8")), late, typing))


def of_room(names: set[str], room: str) -> set[str]:
    return {name for name in names if name == room or name.startswith(f"{room}.")}


@pytest.mark.parametrize("name", modules("knowledge"))
def test_knowledge_imports_nothing_of_ours(name: str) -> None:
    names = all_imports(modules("knowledge")[name])
    assert not of_room(names, "wizard") | of_room(names, "screens") | of_room(names, "textual")


@pytest.mark.parametrize("name", modules("wizard"))
def test_the_engine_knows_no_screen(name: str) -> None:
    names = all_imports(modules("wizard")[name])
    assert not of_room(names, "textual") | of_room(names, "rich")
    if name != "wizard.cli":
        assert not of_room(names, "screens")


def test_there_are_no_import_circles_also_for_types() -> None:
    files = {name: path for room in ROOMS for name, path in modules(room).items()}
    graph = {
        name: (all_imports(path, late=False, typing=True) & files.keys()) - {name}
        for name, path in files.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for used in graph[name]:
                visit(used, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def room_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_every_room_has_its_floor() -> None:
    assert {room_of(name) for name in modules("wizard")} - {""} == set(FLOOR)


@pytest.mark.parametrize("name", [name for name in modules("wizard") if "." in name])
def test_no_room_imports_from_a_room_above_or_beside_it(name: str) -> None:
    own = room_of(name)
    used = {room_of(n) for n in of_room(all_imports(modules("wizard")[name]), "wizard")}
    above = {room for room in used & set(FLOOR) - {own} if FLOOR[room] >= FLOOR[own]}
    assert not above, f"{name} ({own}) imports from {sorted(above)}"


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in out.stdout.split()}


def test_the_command_line_starts_without_textual() -> None:
    loaded = loaded_by("import wizard.cli, wizard.commands.check, wizard.investigation.run")
    assert "textual" not in loaded


def test_the_parser_needs_only_what_a_build_has() -> None:
    """The man page and the completions are made from it as the wheel is built."""
    absent = ("textual", "paramiko", "psutil", "cryptography", "backports")
    blocked = f"sys.modules.update(dict.fromkeys({absent}))"
    assert "wizard" in loaded_by(f"{blocked}\nimport wizard.cli\nwizard.cli.whole_parser()")


def test_the_first_paint_waits_for_no_driver() -> None:
    loaded = loaded_by("import wizard.cli, screens.app, screens.launch")
    assert not loaded & set(DRIVERS)
