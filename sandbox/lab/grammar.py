"""The grammar of FHIRPath as ViewDefinitions use it: text to a small tree. Evaluation is in `expressions.py`.

A tree is a tuple whose head says what it is: ("literal", value), ("constant", name), ("this",), ("index",),
("member", target, name), ("call", target, name, arguments), ("item", target, index), ("binary", operator, left, right),
("negate", operand). A target of None is the focus.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.errors import BadInput

Tree = tuple[Any, ...]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>'(?:\\.|[^'\\])*')|(?P<date>@T?[\d:.\-T+Z]+)
    |(?P<constant>%(?:[A-Za-z_][A-Za-z0-9_\-]*|'[^']*'))|(?P<this>\$this)|(?P<name>`[^`]+`|[A-Za-z_][A-Za-z0-9_]*)
    |(?P<operator><=|>=|!=|[=<>|+\-*/&.,()\[\]])|(?P<end>$))""", re.X)
_LEVELS = (("implies",), ("or", "xor"), ("and",), ("in", "contains"), ("=", "!="), ("<", ">", "<=", ">="), ("|",),
           ("is", "as"), ("+", "-", "&"), ("*", "/", "div", "mod"))
_ESCAPE = {"n": "\n", "t": "\t", "r": "\r"}


class BadExpression(BadInput):
    """Raised when a path is not FHIRPath, or uses what a view cannot: names the expression and the place."""


def parse(expression: str) -> Tree:
    """The tree of an expression, or BadExpression."""
    if not isinstance(expression, str) or not expression.strip():
        raise BadExpression(f"A path must be a FHIRPath expression; this is {expression!r}.")
    return _Parser(expression).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def whole(self) -> Tree:
        tree = self.level(0)
        if self.kind != "end":
            raise self.wrong()
        return tree

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def word(self) -> str:
        return self.tokens[self.at][1]

    def wrong(self) -> BadExpression:
        place = self.tokens[self.at][2] + 1
        return BadExpression(f"“{self.text}” is not FHIRPath: unexpected {self.word or 'end'!r} at character {place}.")

    def take(self, word: str) -> bool:
        if self.kind in ("operator", "name") and self.word == word:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.take(word):
            raise self.wrong()

    def level(self, depth: int) -> Tree:
        if depth == len(_LEVELS):
            return self.unary()
        left = self.level(depth + 1)
        while self.kind in ("operator", "name") and self.word in _LEVELS[depth]:
            operator = self.word
            self.at += 1
            left = ("binary", operator, left, self.level(depth + 1))
        return left

    def unary(self) -> Tree:
        if self.take("-"):
            return ("negate", self.unary())
        self.take("+")
        return self.chain()

    def chain(self) -> Tree:
        tree = self.term()
        while True:
            if self.take("."):
                tree = self.invocation(tree)
            elif self.take("["):
                tree = ("item", tree, self.level(0))
                self.expect("]")
            else:
                return tree

    def term(self) -> Tree:
        kind, word = self.kind, self.word
        if kind == "operator" and word == "(":
            self.at += 1
            tree = self.level(0)
            self.expect(")")
            return tree
        if kind == "name" and word not in ("true", "false"):
            return self.invocation(None)
        self.at += 1
        if kind == "number":
            return ("literal", float(word) if "." in word else int(word))
        if kind in ("name", "string", "date"):
            return ("literal", _literal(kind, word))
        if kind == "constant":
            return ("index",) if word == "%rowIndex" else ("constant", word[1:].strip("'"))
        if kind == "this":
            return ("this",)
        self.at -= 1
        raise self.wrong()

    def invocation(self, target: Tree | None) -> Tree:
        if self.kind != "name":
            raise self.wrong()
        name = self.word.strip("`")
        self.at += 1
        if not self.take("("):
            return ("member", target, name)
        arguments: list[Tree] = []
        while not self.take(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.level(0))
        return ("call", target, name, tuple(arguments))


def _literal(kind: str, word: str) -> Any:
    if kind == "name":
        return word == "true"
    if kind == "date":
        return word[1:].removeprefix("T")
    return re.sub(r"\\(.)", lambda m: _ESCAPE.get(m[1], m[1]), word[1:-1])


def _tokens(text: str) -> list[tuple[str, str, int]]:
    found, at = [], 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadExpression(f"“{text}” is not FHIRPath: cannot read it from character {at + 1}.")
        kind = str(match.lastgroup)
        found.append((kind, match[kind], match.start(kind)))
        at = match.end()
        if kind == "end":
            return found
