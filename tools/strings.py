"""Find every text of window and reports in the code, and compare it with the translations.

    python tools/strings.py [--language hi] [--json]

Such a text is what ``tr`` is called with, the words of a ``ClinicError`` and those of a
``Sentence``. Literals are read from the source; a name, a table, a field or a parameter is followed
to the literals it may stand for. What cannot be followed is reported: such a text has to be written
as a literal where it is shown. Exits with 1 when something is missing.
"""

from __future__ import annotations

import argparse
import ast
import json
import string
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clinic_app.services import translations  # noqa: E402

PACKAGE = "clinic_app"
LEFT_OUT = {"cli", "training"}
"""Parts of the program that speak English only."""
WORDS = {"tr", "sentence", "Sentence"}
FIRST_WORDS = {
    "InvalidInput": 1,
    "SettingRefused": 1,
    "CameraUnavailable": 1,
    "SignInThrottled": 99,
}
"""Place of the words among the arguments of errors where it is not the first."""
OF_QT = "qt.json"
_DEPTH = 8


@dataclass
class Module:
    """One file: its tree, its own functions, classes and constants, and what it imports."""

    path: Path
    tree: ast.Module

    @cached_property
    def constants(self) -> dict[str, list[ast.expr]]:
        found: dict[str, list[ast.expr]] = {}
        for node in self.tree.body:
            for name, value in _assigned(node):
                found.setdefault(name, []).append(value)
        return found

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Local name: (module, name there)."""
        return {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        while node in self.parents:
            node = self.parents[node]
            yield node


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

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.modules: dict[str, Module] = {}
        for path in sorted((root / PACKAGE).rglob("*.py")):
            inside = path.relative_to(root)
            if not LEFT_OUT & set(inside.parts):
                name = ".".join(inside.with_suffix("").parts).removesuffix(".__init__")
                self.modules[name] = Module(inside, ast.parse(path.read_text(encoding="utf-8")))
        self.calls = self._all_calls()
        self.functions = self._all_functions()
        self.errors = self._error_names()
        self.found = Found()
        self._followed: dict[int, tuple[ast.expr, list[str | None]]] = {}
        self._met: dict[int, tuple[ast.expr, list[Located]]] = {}
        for module in self.modules.values():
            self._read(module)

    # --- what there is -------------------------------------------------------------------------

    def _all_calls(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        calls: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call):
                    calls.setdefault(_called(node), []).append((module, node))
        return calls

    def _all_functions(self) -> dict[str, list[tuple[Module, ast.FunctionDef]]]:
        functions: dict[str, list[tuple[Module, ast.FunctionDef]]] = {}
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef):
                    functions.setdefault(node.name, []).append((module, node))
        return functions

    def _error_names(self) -> set[str]:
        known = {"ClinicError"}
        bases = {
            node.name: {ast.unparse(base) for base in node.bases}
            for module in self.modules.values()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef)
        }
        while more := {name for name, above in bases.items() if above & known} - known:
            known |= more
        return known

    # --- texts -----------------------------------------------------------------------------------

    def _read(self, module: Module) -> None:
        for node in ast.walk(module.tree):
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
        name = _called(call)
        if name not in self.errors and name not in WORDS:
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
            values = list(self._bound(outer, name, module, depth)) if _is_scope(outer) else []
            if values:
                for where, value in values:
                    yield from self._follow(value, where, depth)
                return
            if isinstance(outer, ast.FunctionDef) and name in _parameters(outer):
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
        there = self.modules.get(source)
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
            elif isinstance(node, ast.For | ast.comprehension) and name in _names(node.target):
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
                elif name in _names(target):
                    places = [name in _names(inner) for inner in target.elts]
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
                    if _is_scope(outer)
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
            if isinstance(outer, ast.FunctionDef) and name in _parameters(outer):
                names = [one for one in _parameters(outer) if one != "self"]
                return [
                    (where, value)
                    for where, call in self.calls.get(outer.name, [])
                    for value in _passed(call, names, name)
                ]
        return []

    def _tables(self, node: ast.expr, module: Module) -> Iterator[tuple[Module, ast.Dict]]:
        if isinstance(node, ast.Dict):
            yield module, node
        elif isinstance(node, ast.Name):
            for outer in module.around(node):
                if _is_scope(outer):
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
        for known, where in self.modules.items():
            if where is not module and known not in near and name != "named":
                continue
            for owner in where.tree.body:
                if isinstance(owner, ast.ClassDef) and owner.name not in WORDS:
                    for node in owner.body:
                        if isinstance(node, ast.Assign):
                            yield from ((where, one) for at, one in _assigned(node) if at == name)
                    if name not in _fields(owner):
                        continue
                    for there, call in self.calls.get(owner.name, []):
                        if there is not where and owner.name not in there.imports:
                            continue
                        for value in _passed(call, _fields(owner), name):
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
        names = [one for one in _parameters(function) if one != "self"]
        known = False
        for where, call in self.calls.get(called, []):
            if where is not module and called not in where.imports and called == name:
                continue
            for value in _passed(call, names, name):
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
        there = self.modules.get(f"{source}.{original}")
        return [] if there is None else [(there, one) for one in there.constants.get(node.attr, [])]

    def _result(self, call: ast.Call, module: Module, depth: int) -> Iterator[str | None]:
        """What a function of the package returns."""
        name = _called(call)
        if name in WORDS or name in ("format", "replace"):
            return  # counted where it stands
        if name == "get" and isinstance(call.func, ast.Attribute):
            yield from self._follow(call.func.value, module, depth)
            yield from self._each(call.args[1:], module, depth)
            return
        functions = self.functions.get(name, [])
        if not functions:
            yield None
        for where, one in functions:
            for node in ast.walk(one):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from self._follow(node.value, where, depth)


def _meaning_of(call: ast.Call) -> str:
    """The second argument of ``tr``: part of the key."""
    if _called(call) == "tr" and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
        return str(call.args[1].value)
    return ""


def _is_scope(node: ast.AST) -> bool:
    return isinstance(
        node,
        ast.FunctionDef | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp,
    )


def _names(target: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _parameters(function: ast.FunctionDef) -> list[str]:
    given = function.args
    return [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
        yield node.target.id, node.value


def _fields(owner: ast.ClassDef) -> list[str]:
    return [
        one.target.id
        for one in owner.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    ]


def _passed(call: ast.Call, names: list[str], name: str) -> Iterator[ast.expr]:
    """What a call passes for the parameter or field ``name`` among ``names``."""
    for keyword in call.keywords:
        if keyword.arg == name:
            yield keyword.value
    place = names.index(name) if name in names else len(call.args)
    if len(call.args) > place and not any(isinstance(one, ast.Starred) for one in call.args):
        yield call.args[place]


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def places(text: str) -> set[str]:
    """The named places of a text; an unbalanced brace is no place."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


def _of_qt() -> dict[str, str]:
    """Words that Qt itself shows, in menus of fields and dialogs of files."""
    texts: dict[str, str] = {}
    for path in translations.FOLDER.glob(f"*/{OF_QT}"):
        texts |= json.loads(path.read_text(encoding="utf-8"))["texts"]
    return texts


def problems(found: Found, catalogue: translations.Catalogue) -> dict[str, list[str]]:
    """Kind of problem: lines that say exactly what and where."""
    texts, known = catalogue.texts, found.texts.keys() | _of_qt().keys()
    return {
        "not followed": found.unclear,
        "missing": [
            f"{used[0]}: {text!r}" for text, used in found.texts.items() if text not in texts
        ],
        "other places": [
            f"{used[0]}: {text!r} has {sorted(places(text))}, the translation"
            f" {sorted(places(texts[text]))}"
            for text, used in found.texts.items()
            if text in texts and places(text) != places(texts[text])
        ],
        "unused": [repr(text) for text in texts if text not in known],
        "empty": [repr(text) for text, other in texts.items() if not other.strip()],
    }


def main() -> int:
    """Print what is wrong; 1 when something is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--language", default="hi")
    parser.add_argument("--json", action="store_true", help="every text with its places")
    chosen = parser.parse_args()
    found = Collector().found
    if chosen.json:
        print(json.dumps(found.texts, ensure_ascii=False, indent=1))
        return 0
    wrong = problems(found, translations.read_catalogue(translations.FOLDER / chosen.language))
    for kind, lines in wrong.items():
        for line in lines:
            print(f"{kind}: {line}")
    print(f"{len(found.texts)} texts;", ", ".join(f"{len(v)} {k}" for k, v in wrong.items()))
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
