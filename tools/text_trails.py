"""From where a text is shown back to the literals that it may stand for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from source_trees import (
    Module,
    Package,
    assigned,
    called,
    fields,
    is_scope,
    names_in,
    parameters,
    passed,
)

WORDS = {"tr", "sentence", "Sentence"}
FIRST_WORDS = {
    "InvalidInput": 1,
    "SettingRefused": 1,
    "CameraUnavailable": 1,
    "SignInThrottled": 99,
}
"""Place of the words among the arguments of errors where it is not the first."""
_DEPTH = 8
"""How many names, fields and calls one trail may lead over."""

Located: TypeAlias = tuple[Module, ast.expr]


@dataclass
class Found:
    """Texts with the places where they are used, and expressions that could not be followed."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    def add(self, text: str, place: str) -> None:
        if text.strip():
            self.texts.setdefault(text, []).append(place)


class Collector:
    """Reads the package once; ``found`` holds all texts of window and reports."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.found = Found()
        self._followed: dict[int, tuple[ast.expr, list[str | None]]] = {}
        self._met: dict[int, tuple[ast.expr, list[Located]]] = {}
        for module in package.modules.values():
            self._read(module)

    def _read(self, module: Module) -> None:
        for node in module.nodes:
            if not isinstance(node, ast.Call):
                continue
            words = self._words_of(node)
            if words is None or module.path.name in ("errors.py", "sentence.py"):
                continue
            place = f"{module.path}:{node.lineno}"
            meaning = _meaning_of(node)
            for text in self._follow(words, module, _DEPTH):
                if text is not None and meaning:
                    self.found.add(f"{text} [{meaning}]", place)
                elif text is None:
                    self.found.unclear.append(f"{place}: {ast.unparse(words)}")
                else:
                    self.found.add(text, place)

    def _words_of(self, call: ast.Call) -> ast.expr | None:
        name = called(call)
        if name not in self._package.errors and name not in WORDS:
            return None
        place = FIRST_WORDS.get(name, 0)
        return call.args[place] if len(call.args) > place else None

    def _follow(self, node: ast.expr, module: Module, depth: int) -> Sequence[str | None]:
        """Every literal that ``node`` may stand for; ``None`` where the trail is lost."""
        known = self._followed.get(id(node))
        if known is None:
            if depth == 0:
                return [None]
            found: list[str | None] = []
            self._followed[id(node)] = node, found  # a trail that comes back here adds nothing
            found += dict.fromkeys(self._literals(node, module, depth))
            return found
        return known[1]

    def _literals(self, node: ast.expr, module: Module, depth: int) -> Iterator[str | None]:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Constant():
                return
            case ast.JoinedStr():
                yield None
            case ast.IfExp(body=one, orelse=other):
                yield from self._follow(one, module, depth)
                yield from self._follow(other, module, depth)
            case ast.BoolOp(values=values):
                yield from self._each(values, module, depth)
            case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                yield from self._each(values, module, depth)
            case ast.Dict(values=values):
                yield from self._each(values, module, depth)
            case ast.Starred(value=one):
                yield from self._follow(one, module, depth)
            case ast.Subscript(value=table):
                yield from self._follow(table, module, depth - 1)
            case ast.Name(id=name):
                yield from self._named(name, node, module, depth - 1)
            case ast.Attribute(attr=name):
                yield from self._field(name, node, module, depth - 1)
            case ast.Call():
                yield from self._result(node, module, depth - 1)
            case _:
                yield None

    def _each(self, nodes: Iterable[ast.expr], module: Module, depth: int) -> Iterator[str | None]:
        for node in nodes:
            yield from self._follow(node, module, depth)

    def _named(self, name: str, node: ast.AST, module: Module, depth: int) -> Iterator[str | None]:
        for outer in module.around(node):
            values = list(self._bound(outer, name, module, depth)) if is_scope(outer) else []
            if values:
                for where, value in values:
                    yield from self._follow(value, where, depth)
                return
            if isinstance(outer, ast.FunctionDef) and name in parameters(outer):
                yield from self._argument(name, outer, module, depth)
                return
        constants = list(self._constant(name, module))
        for where, value in constants:
            yield from self._follow(value, where, depth)
        if constants:
            return
        yield None

    def _constant(self, name: str, module: Module) -> Iterator[Located]:
        for value in module.constants.get(name, ()):
            yield module, value
        source, original = module.imports.get(name, ("", ""))
        there = self._package.modules.get(source)
        if there is not None and there is not module:
            yield from self._constant(original, there)

    def _bound(self, scope: ast.AST, name: str, module: Module, depth: int) -> Iterator[Located]:
        """What a local name is given: by assignments, loops and unpacking."""
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    yield from self._part(target, (module, node.value), name)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                yield from self._part(node.target, (module, node.value), name)
            elif isinstance(node, ast.For | ast.comprehension) and name in names_in(node.target):
                for item in self._items(node.iter, module, depth):
                    yield from self._part(node.target, item, name)

    def _part(self, target: ast.expr, given: Located, name: str) -> Iterator[Located]:
        """What ``name`` gets when ``given`` is unpacked into ``target``."""
        module, value = given
        if isinstance(target, ast.Name):
            if target.id == name:
                yield given
        elif isinstance(target, ast.Tuple):
            for one in [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]:
                if isinstance(one, ast.Tuple) and len(one.elts) == len(target.elts):
                    for inner, part in zip(target.elts, one.elts, strict=True):
                        yield from self._part(inner, (module, part), name)
                elif name in names_in(target):
                    places = [name in names_in(inner) for inner in target.elts]
                    for where, table in self._rows(one, module):
                        yield where, table.elts[places.index(True)]

    def _rows(self, node: ast.expr, module: Module) -> Iterator[tuple[Module, ast.Tuple]]:
        """The tuples of a table that one row is taken from."""
        while isinstance(node, ast.Subscript):
            node = node.value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func.value  # TABLE.get(…)
        if isinstance(node, ast.Name):
            for where, value in self._constant(node.id, module):
                rows = value.values if isinstance(value, ast.Dict) else [value]
                yield from ((where, one) for one in rows if isinstance(one, ast.Tuple))

    def _items(self, node: ast.expr, module: Module, depth: int) -> Sequence[Located]:
        """What a loop over ``node`` meets."""
        known = self._met.get(id(node))
        if known is None:
            found: list[Located] = []
            self._met[id(node)] = node, found
            found += self._elements(node, module, depth) if depth else []
            return found
        return known[1]

    def _elements(self, node: ast.expr, module: Module, depth: int) -> Iterator[Located]:
        match node:
            case ast.Tuple(elts=values) | ast.List(elts=values) | ast.Set(elts=values):
                for one in values:
                    if isinstance(one, ast.Starred):
                        yield from self._items(one.value, module, depth - 1)
                    else:
                        yield module, one
            case ast.Dict(keys=keys):
                yield from ((module, one) for one in keys if one is not None)
            case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
                yield from self._items(one, module, depth - 1)
                yield from self._items(other, module, depth - 1)
            case ast.ListComp(elt=one) | ast.GeneratorExp(elt=one):
                yield module, one
            case ast.Subscript(value=table):
                yield from self._items(table, module, depth - 1)
            case ast.Attribute(attr=name):
                for where, value in self._of_module(node, module) or self._given(name, module):
                    yield from self._items(value, where, depth - 1)
            case ast.Name(id=name):
                bound = [
                    one
                    for outer in module.around(node)
                    if is_scope(outer)
                    for one in self._bound(outer, name, module, depth - 1)
                ]
                bound += self._arguments(name, node, module)
                for where, value in bound or self._constant(name, module):
                    yield from self._items(value, where, depth - 1)
            case ast.Call(func=ast.Attribute(value=table, attr="items" | "values" as what)):
                for where, value in self._tables(table, module):
                    for key, one in zip(value.keys, value.values, strict=True):
                        both = ast.Tuple([key or one, one], ast.Load())
                        yield where, both if what == "items" else one
            case ast.Call(func=ast.Name(id="enumerate"), args=[source, *_]):
                for where, one in self._items(source, module, depth - 1):
                    yield where, ast.Tuple([ast.Constant(0), one], ast.Load())
            case ast.Call(func=ast.Name(id="zip"), args=sources):
                columns = [list(self._items(one, module, depth - 1)) for one in sources]
                longest = max(map(len, columns), default=0)
                for number in range(longest):
                    row = [
                        column[number][1] if number < len(column) else ast.Constant(0)
                        for column in columns
                    ]
                    where = next((c[0][0] for c in columns if c), module)
                    yield where, ast.Tuple(row, ast.Load())
            case ast.Call(args=[source, *_]):
                yield from self._items(source, module, depth - 1)

    def _arguments(self, name: str, node: ast.AST, module: Module) -> list[Located]:
        """What callers pass for ``name``, when it is a parameter around ``node``."""
        for outer in module.around(node):
            if isinstance(outer, ast.FunctionDef) and name in parameters(outer):
                names = [one for one in parameters(outer) if one != "self"]
                return [
                    (where, value)
                    for where, call in self._package.calls.get(outer.name, [])
                    for value in passed(call, names, name)
                ]
        return []

    def _tables(self, node: ast.expr, module: Module) -> Iterator[tuple[Module, ast.Dict]]:
        if isinstance(node, ast.Dict):
            yield module, node
        elif isinstance(node, ast.Name):
            for outer in module.around(node):
                if is_scope(outer):
                    for where, value in self._bound(outer, node.id, module, 2):
                        if isinstance(value, ast.Dict):
                            yield where, value
            for where, value in self._constant(node.id, module):
                if isinstance(value, ast.Dict):
                    yield where, value

    def _given(self, name: str, module: Module) -> Iterator[Located]:
        """What classes set this field to, and dataclasses are made with: those of ``module`` and of
        the modules that it imports from. A field of ``self`` may be set by any heir."""
        near = {name for pair in module.imports.values() for name in (pair[0], ".".join(pair))}
        for known, where in self._package.modules.items():
            if where is not module and known not in near and name != "named":
                continue
            for owner in where.tree.body:
                if isinstance(owner, ast.ClassDef) and owner.name not in WORDS:
                    for node in owner.body:
                        if isinstance(node, ast.Assign):
                            yield from ((where, one) for at, one in assigned(node) if at == name)
                    if name not in fields(owner):
                        continue
                    for there, call in self._package.calls.get(owner.name, []):
                        if there is not where and owner.name not in there.imports:
                            continue
                        for value in passed(call, fields(owner), name):
                            yield there, value

    def _argument(
        self, name: str, function: ast.FunctionDef, module: Module, depth: int
    ) -> Iterator[str | None]:
        """What callers pass."""
        called = function.name
        if called == "__init__":
            called = next(
                one.name for one in module.around(function) if isinstance(one, ast.ClassDef)
            )
        names = [one for one in parameters(function) if one != "self"]
        known = False
        for where, call in self._package.calls.get(called, []):
            if where is not module and called not in where.imports and called == name:
                continue
            for value in passed(call, names, name):
                known = True
                yield from self._follow(value, where, depth)
        defaults = function.args.defaults
        for parameter, value in zip(names[len(names) - len(defaults) :], defaults, strict=False):
            if parameter == name:
                known = True
                yield from self._follow(value, module, depth)
        if not known:
            yield None

    def _field(
        self, name: str, node: ast.Attribute, module: Module, depth: int
    ) -> Iterator[str | None]:
        """A constant of an imported module, or what dataclasses with this field are made with, or
        what classes set it to."""
        if name == "sentence":
            return  # of an error: counted where it was raised
        constants = self._of_module(node, module)
        for where, value in constants:
            yield from self._follow(value, where, depth)
        if constants:
            return
        made = list(self._given(name, module))
        if not made:
            yield None
        for where, value in made:
            yield from self._follow(value, where, depth)

    def _of_module(self, node: ast.Attribute, module: Module) -> list[Located]:
        """What a constant of an imported module is given, as in ``wording.LIMITS``."""
        if not isinstance(node.value, ast.Name):
            return []
        source, original = module.imports.get(node.value.id, ("", ""))
        there = self._package.modules.get(f"{source}.{original}")
        return [] if there is None else [(there, one) for one in there.constants.get(node.attr, [])]

    def _result(self, call: ast.Call, module: Module, depth: int) -> Iterator[str | None]:
        """What a function of the package returns."""
        name = called(call)
        if name in WORDS or name in ("format", "replace"):
            return  # counted where it stands
        if name == "get" and isinstance(call.func, ast.Attribute):
            yield from self._follow(call.func.value, module, depth)
            yield from self._each(call.args[1:], module, depth)
            return
        functions = self._package.functions.get(name, [])
        if not functions:
            yield None
        for where, one in functions:
            for node in ast.walk(one):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from self._follow(node.value, where, depth)


def _meaning_of(call: ast.Call) -> str:
    """The second argument of ``tr``: part of the key."""
    if called(call) == "tr" and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
        return str(call.args[1].value)
    return ""
