"""Pages for tests: a template is compiled once in a process, not once for each application that shows it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2.bccache import Bucket, BytecodeCache


class _Compiled(BytecodeCache):
    """What templates were compiled to. Jinja asks by name and file, and compares a sum of the text as it stands."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED: defaultdict[object, _Compiled] = defaultdict(_Compiled)


class Kept(Environment):
    """Flask's environment with that memory."""

    def __init__(self, app: Flask, **options: Any) -> None:
        blocks = options.get("trim_blocks"), options.get("lstrip_blocks")  # what a text is compiled to depends on them
        super().__init__(app, bytecode_cache=_COMPILED[blocks], **options)
