"""All that a reader of logs needs, as one program for a host's Python 3.6 or newer.

It holds the readers' own modules (see `converted`) and the signatures of the knowledge base as
data, so that no text is written twice. Packed it takes 45 kB for the statements' logs,
52 kB for the error log and 115 kB for an application's.
"""

import ast
import re
import zlib
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from importlib.abc import InspectLoader
from importlib.util import find_spec

from knowledge.load import signatures
from knowledge.model import Signature
from wizard.logs.source.converted import OLDER, NotConvertible, converted_tree, ours

SERVES = "wizard.logs.source.there"

_SECOND = "wizard.logs.engine.second_process"
"""What begins a second process there, and is told what it has to send to it."""

_ALONG = (SERVES, OLDER, _SECOND, "wizard.hosts.local.unpack")
"""Modules that nothing names at its top."""

_GIVEN, _ASKS = "knowledge.load", "signatures"
"""What reads the knowledge base's files here, and is given their content there."""

_INDENT = re.compile(r"^(?:    )+", re.MULTILINE)

_HEAD = """
import sys, types
def _module(name, source):
    module = types.ModuleType(name)
    module.__path__ = []
    sys.modules[name] = module
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, module)
    exec(compile(source, "<" + name + ">", "exec"), module.__dict__)
"""

_TAIL = f"""
sys.modules[{_SECOND!r}].SENT = program
module, function = stdin.readline().decode().split()
getattr(sys.modules[module], function)(stdin)
"""


@cache
def program(reader: str) -> bytes:
    """The packed program with all that the module `reader` needs. Raises NotConvertible."""
    found: dict[str, ast.Module] = {}
    for name in (*_ALONG, reader):
        _collect(name, found)
    if _GIVEN in found:
        found[_GIVEN] = ast.parse(_signatures(_kinds(found.values())))
    lines = [_HEAD]
    known: set[str] = set()
    for name, tree in found.items():
        for parent in _parents(name):
            if parent not in known and parent not in found:
                lines.append(f"_module({parent!r}, '')\n")
                known.add(parent)
        lines.append(f"_module({name!r}, {_literal(_narrow(ast.unparse(tree)))})\n")
        known.add(name)
    return zlib.compress("".join((*lines, _TAIL)).encode(), 9)


def _narrow(source: str) -> str:
    """The source with one blank a level; in what `ast` writes no string goes over lines."""
    return _INDENT.sub(lambda found: " " * (len(found[0]) // 4), source)


def _literal(source: str) -> str:
    """The source as a string: raw where that can be, since half its patterns are backslashes."""
    plain = "'''" not in source and source[-1:] not in ("'", "\\")
    return f"r'''{source}'''" if plain else repr(source)


def _parents(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def _collect(name: str, found: dict[str, ast.Module]) -> None:
    """Adds a module behind those that it imports at its top."""
    if name in found:
        return
    tree = ast.parse(_signatures(frozenset())) if name == _GIVEN else _converted(name)
    for needed, names in ours(tree):
        if needed == name:
            raise NotConvertible(f"{name} imports itself")
        if _is_package(needed):
            for each in names:
                _collect(f"{needed}.{each}", found)
            continue
        _collect(needed, found)
        _require(found[needed], names, needed)
    found[name] = tree


def _require(tree: ast.Module, names: tuple[str, ...], module: str) -> None:
    """That a module still has, converted, what another takes from it."""
    has: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            has.add(node.name)
        elif isinstance(node, ast.Assign):
            has.update(n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name))
        elif isinstance(node, ast.ImportFrom | ast.Import):
            has.update(alias.asname or alias.name for alias in node.names)
    if missing := set(names) - has:
        raise NotConvertible(f"{module} has no {', '.join(sorted(missing))} any more")


@cache
def _converted(name: str) -> ast.Module:
    try:
        return converted_tree(_source(name))
    except NotConvertible as error:
        raise NotConvertible(f"{name}: {error}") from None


def _source(name: str) -> str:
    spec = find_spec(name)
    loader = spec and spec.loader
    source = loader.get_source(name) if isinstance(loader, InspectLoader) else None
    if source is None:
        raise NotConvertible("its source is not at hand")
    return source


def _is_package(name: str) -> bool:
    spec = find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _kinds(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The kinds of signatures that the modules ask for, each by a literal."""
    return frozenset(
        str(node.args[0].value)
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == _ASKS
        and node.args
        and isinstance(node.args[0], ast.Constant)
    )


def _signatures(kinds: frozenset[str]) -> str:
    """The signatures as data, in the place of the module that reads them from files."""
    lines = ["from knowledge.model import Signature\n_ALL = [\n"]
    for kind in sorted(kinds):
        lines += [f"Signature(**{_told(signature)!r}),\n" for signature in signatures(kind)]
    lines.append(f"]\ndef {_ASKS}(kind):\n    return tuple(s for s in _ALL if s.kind == kind)\n")
    return "".join(lines)


def _told(signature: Signature) -> dict[str, object]:
    """What of a signature a reader needs: no examples, and nothing that is as by default.

    Where an application's failures are read nobody shows a signature's title.
    """
    told = {
        each.name: getattr(signature, each.name)
        for each in fields(signature)
        if each.name not in ("matches", "rejects") and getattr(signature, each.name) != each.default
    }
    return {**told, "title": ""} if signature.kind == "client" else told
