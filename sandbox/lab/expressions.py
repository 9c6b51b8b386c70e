"""The FHIRPath of ViewDefinitions, compiled to closures: a list of nodes in, a list of nodes out.

This is the subset that SQL on FHIR v2 asks of a runner (plus startsWith and a few more). A path that is only member
names is walked in one loop. What is outside goes to `sandbox.fhirpath`, slower by two orders of magnitude.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox import fhirpath
from sandbox.lab.functions import BINARY, FUNCTIONS, get_key, reference_key
from sandbox.lab.grammar import BadExpression, Tree, parse

#: Elements of R4 that can be of several types, so that JSON spells them with the type (value[x]: valueQuantity).
CHOICES = frozenset({
    "abatement", "additive", "age", "allowed", "amount", "answer", "asNeeded", "author", "born", "collected",
    "content", "context", "date", "deceased", "defaultValue", "definition", "detail", "diagnosis", "dose", "due",
    "effective", "entity", "event", "fastingStatus", "fixed", "identified", "indication", "item", "legallyBinding",
    "location", "max", "maxValue", "medication", "min", "minValue", "multipleBirth", "name", "occurred", "occurrence",
    "onset", "offset", "pattern", "performed", "probability", "procedure", "product", "quantity", "rate", "reason",
    "reported", "scheduled", "serviced", "source", "specimen", "statusReason", "subject", "target", "time", "timing",
    "topic", "used", "value", "when"})

Nodes = list[Any]
Step = Callable[[Nodes], Nodes]


def compile(expression: str, kind: str, constants: Mapping[str, Any], row: list[int]) -> Step:
    """A closure for `expression` on nodes of a `kind` resource. `row[0]` is %rowIndex at the time of the call."""
    tree = parse(expression)
    try:
        return compile_tree(tree, expression, kind, constants, row)
    except Outside as outside:
        if constants:
            raise BadExpression(f"“{expression}”: the function {outside}() cannot be used here.") from None
        return _elsewhere(expression, kind, str(outside))


def compile_tree(tree: Tree, expression: str, kind: str, constants: Mapping[str, Any], row: list[int]) -> Step:
    """A closure for a part of `expression`. Outside where it needs a function that is not known here."""
    return _Compiler(expression, kind, constants, row).step(tree)


class Outside(Exception):
    """A function that this compiler does not know."""


def _elsewhere(expression: str, kind: str, name: str) -> Step:
    try:
        run = fhirpath.compile(expression, kind)
    except Exception as problem:
        raise BadExpression(f"“{expression}”: the function {name}() cannot be used here.") from problem
    return lambda nodes: [found for node in nodes for found in run(node)]


class _Compiler:
    def __init__(self, text: str, kind: str, constants: Mapping[str, Any], row: list[int]) -> None:
        self.text = text
        self.kind = kind
        self.constants = constants
        self.row = row

    def step(self, tree: Tree) -> Step:
        return getattr(self, f"_{tree[0]}")(*tree[1:])  # type: ignore[no-any-return]

    def target(self, tree: Tree | None) -> Step | None:
        return None if tree is None or tree == ("this",) else self.step(tree)

    def _this(self) -> Step:
        return lambda nodes: nodes

    def _index(self) -> Step:
        row = self.row
        return lambda nodes: [row[0]]

    def _literal(self, value: Any) -> Step:
        return lambda nodes: [value]

    def _constant(self, name: str) -> Step:
        if name not in self.constants:
            raise BadExpression(f"“{self.text}”: %{name} is not a constant of this view.")
        return self._literal(self.constants[name])

    def _negate(self, operand: Tree) -> Step:
        inner = self.step(operand)
        return lambda nodes: [-value for value in inner(nodes)]

    def _member(self, target: Tree | None, name: str) -> Step:
        names = [name]
        while target is not None and target[0] == "member":
            names.insert(0, target[2])
            target = target[1]
        if target is None and names[0] == self.kind:
            del names[0]
        before = self.target(target)
        return _walk(names, before)

    def _item(self, target: Tree, index: Tree) -> Step:
        before, which = self.step(target), self.step(index)

        def item(nodes: Nodes) -> Nodes:
            found, at = before(nodes), which(nodes)
            return found[at[0]:at[0] + 1] if len(at) == 1 and isinstance(at[0], int) and at[0] >= 0 else []

        return item

    def _binary(self, operator: str, left: Tree, right: Tree) -> Step:
        if operator in ("is", "as"):
            if operator == "as":
                return self._of_type(left, right)
            raise Outside("is")
        apply = BINARY.get(operator)
        if apply is None:
            raise Outside(operator)
        one, two = self.step(left), self.step(right)
        if operator == "=" and right[0] == "literal" and isinstance(right[1], str | bool):
            wanted = right[1]  # what nearly every `where` asks
            same = wanted.__eq__ if isinstance(wanted, str) else lambda value: value is wanted
            return lambda nodes: [len(found) == 1 and same(found[0]) is True] if (found := one(nodes)) else []
        return lambda nodes: apply(one(nodes), two(nodes))

    def _call(self, target: Tree | None, name: str, arguments: tuple[Tree, ...]) -> Step:
        if name in ("ofType", "as") and len(arguments) == 1:
            return self._of_type(target, arguments[0])
        before = self.target(target)
        if name == "first" and before is not None and not arguments:
            return lambda nodes: before(nodes)[:1]
        if name in ("getResourceKey", "getReferenceKey"):
            return _then(before, self._key(name, arguments))
        if name in ("where", "select", "all", "exists") and len(arguments) == 1:
            return _then(before, _each(name, self.step(arguments[0])))
        if name == "iif" and len(arguments) in (2, 3):
            return _then(before, self._iif(arguments))
        if name == "extension" and len(arguments) == 1:
            return _then(before, _extension(self.step(arguments[0])))
        apply = FUNCTIONS.get(name)
        if apply is None:
            raise Outside(name)
        values = [self.step(argument) for argument in arguments]
        return _then(before, lambda nodes: apply(nodes, *[value(nodes) for value in values]))

    def _iif(self, arguments: tuple[Tree, ...]) -> Step:
        test, *ways = [self.step(argument) for argument in arguments]
        then, other = ways[0], ways[1] if len(ways) > 1 else lambda _: []
        asked = arguments[0]
        if asked[0] == "call" and asked[2:] == ("exists", ()) and asked[1] is not None:
            found_by, first = self.step(asked[1]), ("call", asked[1], "first", ())
            if arguments[1] == asked[1]:  # if there is one, that one: looked for once
                return lambda nodes: found_by(nodes) or other(nodes)
            if arguments[1] == first:
                return lambda nodes: found_by(nodes)[:1] or other(nodes)
            return lambda nodes: then(nodes) if found_by(nodes) else other(nodes)
        return lambda nodes: then(nodes) if test(nodes) == [True] else other(nodes)

    def _key(self, name: str, arguments: tuple[Tree, ...]) -> Step:
        if name == "getResourceKey":
            return get_key
        wanted = _type_name(arguments[0]) if arguments else ""
        return lambda nodes: [key for node in nodes if (key := reference_key(node, wanted)) is not None]

    def _of_type(self, target: Tree | None, kind: Tree) -> Step:
        name = _type_name(kind)
        if target is not None and target[0] == "member":
            element, before = target[2] + name[:1].upper() + name[1:], target[1]
            return _walk([element], self.target(before))
        before_step = self.target(target)
        return _then(before_step, lambda nodes: [node for node in nodes if _is(node, name)])


def _type_name(tree: Tree) -> str:
    if tree[0] != "member":
        raise BadExpression("ofType, as and getReferenceKey take the name of a type.")
    return str(tree[2])


def _is(node: Any, name: str) -> bool:
    if isinstance(node, dict):
        return bool(node.get("resourceType") == name)
    kinds: dict[str, type] = {"boolean": bool, "integer": int, "decimal": float}
    return isinstance(node, kinds.get(name, str)) and (name == "boolean" or not isinstance(node, bool))


def _then(before: Step | None, after: Step) -> Step:
    return after if before is None else lambda nodes: after(before(nodes))


def _walk(names: list[str], before: Step | None) -> Step:
    steps = [(name, name in CHOICES) for name in names]

    def walk(nodes: Nodes) -> Nodes:
        if before is not None:
            nodes = before(nodes)
        for name, choice in steps:
            if not nodes:
                return nodes
            if len(nodes) != 1:
                nodes = [each for node in nodes for each in _children(node, name, choice)]
                continue
            node = nodes[0]  # nearly always: what `_children` does, without the call
            value = node.get(name) if isinstance(node, dict) else None
            if value is None:
                nodes = _children(node, name, choice) if choice else []
            elif isinstance(value, list):
                nodes = value if None not in value else _children(node, name, choice)
            else:
                nodes = [value]
        return nodes

    return walk


def _children(node: Any, name: str, choice: bool) -> Nodes:
    if not isinstance(node, dict):
        return []
    value = node.get(name)
    if value is None and choice:
        length, types = len(name), fhirpath.CHOICE_TYPES
        value = next((node[key] for key in node if key.startswith(name) and key[length:] in types), None)
    if isinstance(value, list):
        return [each for each in value if each is not None] if None in value else value
    return [] if value is None else [value]


def _each(name: str, criterion: Step) -> Step:
    if name == "where":
        return lambda nodes: [node for node in nodes if criterion([node]) == [True]]
    if name == "exists":
        return lambda nodes: [any(criterion([node]) == [True] for node in nodes)]
    if name == "all":
        return lambda nodes: [all(criterion([node]) == [True] for node in nodes)]
    return lambda nodes: [found for node in nodes for found in criterion([node])]


def _extension(url: Step) -> Step:
    def extension(nodes: Nodes) -> Nodes:
        wanted = url(nodes)
        return [each for node in nodes if isinstance(node, dict) for each in node.get("extension", ())
                if [each.get("url")] == wanted]

    return extension
