"""The package as trees of its source: where names are assigned, functions made and called."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "clinic_app"
LEFT_OUT = {"cli", "training"}
"""Parts of the program that speak English only."""


@dataclass
class Module:
    """One file: its tree, its own functions, classes and constants, and what it imports."""

    path: Path
    tree: ast.Module

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the tree: walked once, for many look at them."""
        return list(ast.walk(self.tree))

    @cached_property
    def constants(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in self.tree.body:
            for name, value in assigned(node):
                found.setdefault(name, []).append(value)
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Local name: (module, name there)."""
        return {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in self.nodes
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in self.nodes for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.parents:
            node = self.parents[node]
            yield node


class Package:
    """All modules that are translated, with the functions and the calls in them by name.

    ``errors`` are the names of all classes below ``ClinicError``.
    """

    def __init__(self, root: Path) -> None:
        self.modules: dict[str, Module] = {}
        for path in sorted((root / PACKAGE).rglob("*.py")):
            inside = path.relative_to(root)
            if not LEFT_OUT & set(inside.parts):
                name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
                self.modules[name] = Module(inside, ast.parse(path.read_text(encoding="utf-8")))
        self.calls = self._all_calls()
        self.functions = self._all_functions()
        self.errors = self._error_names()

    def _all_calls(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        calls: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules.values():
            for node in module.nodes:
                if isinstance(node, ast.Call):
                    calls.setdefault(called(node), []).append((module, node))
        return calls

    def _all_functions(self) -> dict[str, list[tuple[Module, ast.FunctionDef]]]:
        functions: dict[str, list[tuple[Module, ast.FunctionDef]]] = {}
        for module in self.modules.values():
            for node in module.nodes:
                if isinstance(node, ast.FunctionDef):
                    functions.setdefault(node.name, []).append((module, node))
        return functions

    def _error_names(self) -> set[str]:
        known = {"ClinicError"}
        bases = {
            node.name: {ast.unparse(base) for base in node.bases}
            for module in self.modules.values()
            for node in module.nodes
            if isinstance(node, ast.ClassDef)
        }
        while more := {name for name, above in bases.items() if above & known} - known:
            known |= more
        return known


def is_scope(node: ast.AST) -> bool:
    return isinstance(
        node,
        ast.FunctionDef | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp,
    )


def names_in(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
        yield node.target.id, node.value


def fields(owner: ast.ClassDef) -> list[str]:
    return [
        one.target.id
        for one in owner.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]


def passed(call: ast.Call, names: list[str], name: str) -> Iterator[ast.expr]:
    """What a call passes for the parameter or field ``name`` among ``names``."""
    for keyword in call.keywords:
        if keyword.arg == name:
            yield keyword.value
    place = names.index(name) if name in names else len(call.args)
    if len(call.args) > place and not any(isinstance(one, ast.Starred) for one in call.args):
        yield call.args[place]


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""
