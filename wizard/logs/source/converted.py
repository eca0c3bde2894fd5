"""A module's source as Python 3.6 understands it, the oldest on hosts that are still in use.

Names, order and meaning stay; what goes is what no running program needs (annotations, aliases of
types, docstrings), and what came with a newer version is taken from `older`. What cannot be
turned raises NotConvertible, at the desk and not on somebody's host.
"""

import ast
from collections.abc import Iterator
from typing import TypeGuard

from wizard.logs.source.newer import newer_in

OLDER = "wizard.logs.source.older"

_FROM_OLDER = {
    ("datetime", "UTC"),
    ("functools", "cache"),
    ("enum", "StrEnum"),
    ("bisect", "bisect_left"),
    ("itertools", "accumulate"),
    ("itertools", "pairwise"),
    ("math", "prod"),
    ("re", "_constants"),
    ("re", "_parser"),
    ("zoneinfo", "ZoneInfo"),
    ("zoneinfo", "ZoneInfoNotFoundError"),
    ("dataclasses", "dataclass"),
    ("dataclasses", "field"),
    ("dataclasses", "fields"),
    ("dataclasses", "is_dataclass"),
    ("dataclasses", "replace"),
}
"""What is not there before Python 3.7, or takes less than it does now."""

_METHODS = ("removeprefix", "removesuffix", "fromisoformat", "isascii")
"""Methods that came after 3.6: `older` has functions of the same names."""

_WITH_FIELDS = ("NamedTuple", "TypedDict")
"""Bases of typing that do something: a dataclass says the same."""

_TYPE_ROOMS = ("typing", "collections.abc")
_TOO_NEW = (ast.Match, ast.TryStar, ast.AsyncFunctionDef)
_COLLECTIONS = ("frozenset", "set", "list", "dict", "tuple", "Counter", "deque", "defaultdict")
_TARGETS = "_named"


class NotConvertible(Exception):
    """A module uses what has no form in Python 3.6; the message names it and its line."""


def converted(source: str) -> str:
    """The module as Python 3.6 understands it. Raises NotConvertible."""
    return ast.unparse(converted_tree(source))


def converted_tree(source: str) -> ast.Module:
    """The same, not yet written out."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, _TOO_NEW):
            raise NotConvertible(f"line {node.lineno}: {type(node).__name__}")
    tree = _Plainer(_names_of_types(tree)).visit(tree)
    tree = _WithoutNaming().visit(tree)
    _prune(tree)
    older: ast.Module = ast.fix_missing_locations(tree)
    for line, told in newer_in(older):
        raise NotConvertible(f"line {line}: {told}")
    return older


def ours(tree: ast.Module) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The project's modules that a converted one imports at its top, with the names it takes."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            yield node.module, tuple(alias.name for alias in node.names)


def _is_ours(module: str) -> bool:
    return module.split(".")[0] in ("wizard", "knowledge")


def _names_of_types(tree: ast.Module) -> frozenset[str]:
    """Names that stand for types only."""
    return frozenset(
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in _TYPE_ROOMS
        for alias in node.names
    )


class _Plainer(ast.NodeTransformer):
    """Takes annotations away and turns what is newer than 3.6 into calls of `older`."""

    def __init__(self, types: frozenset[str]) -> None:
        self._types = types
        self._is_class = False

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        names = [ast.alias(name) for name in _METHODS]
        node.body.insert(0, ast.ImportFrom(OLDER, names, 0))
        return node

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        if "TYPE_CHECKING" in ast.unparse(node.test):
            return [self.visit(other) for other in node.orelse]
        return self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | list[ast.stmt]:
        taken = [a for a in node.names if (node.module, a.name) in _FROM_OLDER]
        kept = [a for a in node.names if a not in taken]
        found: list[ast.stmt] = []
        if kept:
            found.append(ast.ImportFrom(node.module, kept, 0))
        if taken:
            found.append(ast.ImportFrom(OLDER, taken, 0))
        return found

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        order = [
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
        outer, self._is_class = self._is_class, True
        self.generic_visit(node)
        self._is_class = outer
        if any(isinstance(base, ast.Name) and base.id in _WITH_FIELDS for base in node.bases):
            raise NotConvertible(f"line {node.lineno}: its fields go with their types")
        node.bases = [base for base in node.bases if not self._is_type(base)]
        node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
        if order:
            names = ast.Tuple([ast.Constant(name) for name in order], ast.Load())
            node.body.append(ast.Assign([ast.Name("own_fields", ast.Store())], names))
        return node

    def _is_type(self, base: ast.expr) -> bool:
        root = base.value if isinstance(base, ast.Subscript) else base
        return isinstance(root, ast.Name) and root.id in self._types

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer, self._is_class = self._is_class, False
        self.generic_visit(node)
        self._is_class = outer
        node.returns = None
        given = node.args
        given.args = given.posonlyargs + given.args
        given.posonlyargs = []
        node.body = [each for each in node.body if not _is_text(each)] or [ast.Pass()]
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return ast.Pass() if self._is_class else None
        return self.generic_visit(ast.Assign([node.target], node.value))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
            return ast.Call(
                ast.Name(node.func.attr, ast.Load()), [node.func.value, *node.args], node.keywords
            )
        if _is_typed(node.func):
            node.func = node.func.value
        if isinstance(node.func, ast.Name) and node.func.id == "zip":
            node.keywords = [k for k in node.keywords if k.arg != "strict"]
        if isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "issubclass"):
            node.args[1] = ast.Tuple(list(_alternatives(node.args[1])), ast.Load())
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        values: list[ast.expr] = []
        text = self._template(node, values)
        return ast.Call(ast.Attribute(ast.Constant(text), "format", ast.Load()), values, [])

    def _template(self, node: ast.JoinedStr, values: list[ast.expr]) -> str:
        parts: list[str] = []
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                values.append(self.visit(part.value))
                how = f"!{chr(part.conversion)}" if part.conversion > 0 else ""
                spec = part.format_spec
                form = f":{self._template(spec, values)}" if isinstance(spec, ast.JoinedStr) else ""
                parts.append("{" + how + form + "}")
            elif isinstance(part, ast.Constant):
                parts.append(str(part.value).replace("{", "{{").replace("}", "}}"))
        return "".join(parts)


def _is_typed(made: ast.expr) -> TypeGuard[ast.Subscript]:
    """Whether a collection is made with the type of what it will hold."""
    return (
        isinstance(made, ast.Subscript)
        and isinstance(made.value, ast.Name)
        and made.value.id in _COLLECTIONS
    )


def _alternatives(kinds: ast.expr) -> Iterator[ast.expr]:
    """`A | B` one by one."""
    if isinstance(kinds, ast.BinOp):
        yield from _alternatives(kinds.left)
        yield from _alternatives(kinds.right)
    else:
        yield kinds


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


class _WithoutNaming(ast.NodeTransformer):
    """Puts names that an expression gives (`:=`) into a dictionary of the function's own."""

    def __init__(self) -> None:
        self._named: frozenset[str] = frozenset()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outer = self._named
        own = frozenset(_named_in(node.body))
        given = {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        if own & given:
            raise NotConvertible(f"line {node.lineno}: an argument is named anew by an expression")
        self._named = (outer - given - frozenset(_bound_in(node.body))) | own
        self.generic_visit(node)
        self._named = outer
        if own:
            if outer:
                raise NotConvertible(f"line {node.lineno}: a function within one that names")
            name = ast.Name(_TARGETS, ast.Store())
            node.body.insert(0, ast.Assign([name], ast.Dict([], [])))
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        outer = self._named
        self._named = outer - {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        self.generic_visit(node)
        self._named = outer
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        value = self.visit(node.value)
        set_it = ast.Attribute(ast.Name(_TARGETS, ast.Load()), "__setitem__", ast.Load())
        key = ast.Constant(node.target.id)
        call = ast.Call(set_it, [key, value], [])
        held = ast.Subscript(ast.Name(_TARGETS, ast.Load()), key, ast.Load())
        return ast.Subscript(ast.Tuple([call, held], ast.Load()), ast.Constant(1), ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id not in self._named:
            return node
        return ast.Subscript(ast.Name(_TARGETS, ast.Load()), ast.Constant(node.id), node.ctx)


def _named_in(body: list[ast.stmt]) -> Iterator[str]:
    for node in _within(body):
        if isinstance(node, ast.NamedExpr):
            yield node.target.id


def _bound_in(body: list[ast.stmt]) -> Iterator[str]:
    for node in _within(body):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _within(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a function's body, without those of functions in it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def _prune(tree: ast.Module) -> None:
    """Takes out imported names and aliases of types that nothing uses any more."""
    while True:
        used = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        }
        body = [kept for each in tree.body if (kept := _kept(each, used)) is not None]
        if len(body) == len(tree.body):
            break
        tree.body = body


def _kept(node: ast.stmt, used: set[str]) -> ast.stmt | None:
    if _is_text(node):
        return None
    if isinstance(node, ast.ImportFrom):
        node.names = [a for a in node.names if (a.asname or a.name) in used]
        return node if node.names else None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        return None if name not in used and _is_of_types(node.value) else node
    return node


def _is_of_types(value: ast.expr) -> bool:
    """Whether it can be an alias of types: nothing runs when it is made but that."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
    return isinstance(value, ast.Subscript) or (
        isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr)
    )
