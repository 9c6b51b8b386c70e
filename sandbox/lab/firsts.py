"""The first node of a path, without the lists on the way: what nearly every column of a view asks for.

A walk along member names whose steps give one value each is a loop of look-ups. Wherever a step gives several or none,
the closure of `sandbox.lab.expressions` answers, so both always say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sandbox.lab.expressions import CHOICES, Nodes, Outside, Step, compile, compile_tree
from sandbox.lab.functions import reference_key
from sandbox.lab.grammar import Tree, parse

First = Callable[[Nodes], Any]
Member = tuple[str, bool, bool]  # its name, whether it can be of several types, whether only its first is wanted



class Path(NamedTuple):
    """How to find a first node: by `first`; or, where there are members, along them to a value that is one, and from
    a Reference there to the id of what it names, where that is a `key_of`."""

    first: First
    members: tuple[Member, ...] = ()
    key_of: str | None = None


_FIRST = ("first", ())
_OWN_KEY = ("call", None, "getResourceKey", ())


def compile_first(expression: str, kind: str, constants: Mapping[str, Any], row: list[int]) -> Path:
    """How to find the first node that `compile`'s gives for nodes of a `kind` resource, None where it gives none."""
    def made(tree: Tree) -> Path:
        if tree[0] == "call" and tree[2:] == _FIRST and tree[1] is not None:
            return made(tree[1])
        step = compile_tree(tree, expression, kind, constants, row)
        if _chooses(tree):
            _, _, _, (asked, then, other) = tree
            if then in (asked[1], ("call", asked[1], *_FIRST)):
                return Path(_either(made(then).first, made(other).first))
        key_of = None
        if tree[0] == "call" and tree[2] == "getReferenceKey" and len(tree[3]) == 1 and tree[3][0][0] == "member":
            key_of, tree = str(tree[3][0][2]), tree[1]
        members = [("id", False, False)] if tree == _OWN_KEY else _members(tree, kind)
        return Path(_walked(members, step, key_of), tuple(members), key_of) if members else Path(_first_of(step))

    try:
        return made(parse(expression))
    except Outside:
        return Path(_first_of(compile(expression, kind, constants, row)))


def _first_of(step: Step) -> First:
    return lambda nodes: found[0] if (found := step(nodes)) else None


def _chooses(tree: Tree) -> bool:
    """Whether it is iif(something.exists(), this, that)."""
    if tree[:3] != ("call", None, "iif") or len(tree[3]) != 3:
        return False
    asked = tree[3][0]
    return bool(asked[0] == "call" and asked[2:] == ("exists", ()) and asked[1] is not None)


def _either(one: First, other: First) -> First:
    return lambda nodes: other(nodes) if (found := one(nodes)) is None else found


def _members(tree: Tree | None, kind: str) -> list[Member]:
    """The members that a path walks along from its focus; none where it does something else."""
    members: list[Member] = []
    only = False
    while tree is not None and tree != ("this",):
        if tree[0] == "member":
            name, tree = tree[2], tree[1]
            members.insert(0, (name, name in CHOICES, only))
            only = False
        elif tree[0] == "call" and tree[2:] == _FIRST and tree[1] is not None:
            only, tree = True, tree[1]
        elif (tree[0] == "call" and tree[2] == "ofType" and len(tree[3]) == 1 and tree[3][0][0] == "member"
              and tree[1] is not None and tree[1][0] == "member"):
            typed = str(tree[3][0][2])
            members.insert(0, (tree[1][2] + typed[:1].upper() + typed[1:], False, only))
            only, tree = False, tree[1][1]
        else:
            return []
    return members[members[:1] == [(kind, False, False)]:]


def _walked(members: list[Member], step: Step, key_of: str | None) -> First:
    def first(nodes: Nodes) -> Any:
        if len(nodes) == 1:
            node = nodes[0]
            for name, choice, only in members:
                if type(node) is not dict:
                    break
                node = node.get(name)
                if node is None:
                    if choice:
                        break
                    return None
                if type(node) is list:
                    if (len(node) != 1 and not (only and node)) or node[0] is None:
                        break
                    node = node[0]
            else:
                return node if key_of is None else reference_key(node, key_of)
        return found[0] if (found := step(nodes)) else None

    return first
