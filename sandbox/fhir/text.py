"""A resource's text: what was received stays as it was spelled, with id, meta and references set in it.

A number is carried as the characters it came in (`72.50` stays `72.50`), and so are the order of elements and every
string. Space between elements is not kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from sandbox.errors import BadInput

Resource = dict[str, Any]

#: How deep a resource may nest, and how large one request may be, in bytes.
DEPTH, SIZE = 32, 2_000_000
#: Elements that hold an address which a transaction may have to rewrite (FHIR R4 section 3.1.0.11.2).
_ADDRESSES = frozenset({"reference", "url", "valueUri", "valueUrl"})


def parse(text: str | bytes, *, depth: int = DEPTH, size: int = SIZE) -> tuple[Resource, str]:
    """One JSON object and its text, compact, each number spelled as it came. BadInput says what is wrong where."""
    value = read(text, depth=depth, size=size)
    return value, orjson.dumps(spelled(text)).decode()


def read(text: str | bytes, *, depth: int = DEPTH, size: int = SIZE) -> Resource:
    """The JSON object alone, its numbers as numbers; BadInput as above, but elements named twice are not seen."""
    if len(text) > size:
        raise BadInput(f"This is larger than {size // 1_000_000} MB.", hint="Send it in smaller parts.")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"This is not JSON: {error}.") from error
    except RecursionError as error:
        raise BadInput("This JSON is nested too deeply.") from error
    if not isinstance(value, dict):
        raise BadInput("A JSON object was expected, with a resourceType.")
    check_depth(value, depth)
    return value


def spelled(text: str | bytes) -> Any:
    """The JSON as a tree whose numbers are `orjson.Fragment`s; BadInput where an object names an element twice.

    Feed it what `orjson.loads` has accepted: depth and encoding are not checked again.
    """
    fragment = orjson.Fragment
    return json.loads(text, parse_float=fragment, parse_int=fragment, object_pairs_hook=_once)


def plain(tree: Any) -> Any:
    """A tree made by `spelled` with its numbers as numbers."""
    return orjson.loads(orjson.dumps(tree))


def check_depth(value: Any, depth: int = DEPTH) -> int:
    """How many objects and lists are inside. BadInput when they nest deeper than `depth`; needs no recursion itself."""
    level, count = [value], 0
    for _ in range(depth + 1):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return count
        count += len(level)
    raise BadInput(f"This is nested more than {depth} levels deep.", hint="Flatten it, or send its parts on their own.")


def edit_text(text: str, *, id: str, version: int, last_updated: str) -> str:
    """The text with `id`, `meta.versionId` and `meta.lastUpdated` (an instant, as written) set; the rest as it was."""
    tree = spelled(text)
    meta = tree.get("meta")
    head = {"resourceType": tree.get("resourceType"), "id": id}
    head["meta"] = {**(meta if isinstance(meta, dict) else {}), "versionId": str(version), "lastUpdated": last_updated}
    return orjson.dumps({**head, **{k: v for k, v in tree.items() if k not in head}}).decode()


def set_meta(resource: Resource, text: str, *, version: int, last_updated: str) -> str:
    """As `edit_text`, of a compact text whose resource is at hand and has its id: most are not read once more."""
    head = f'{{"resourceType":"{resource["resourceType"]}","id":"{resource["id"]}",'
    if "meta" in resource or not text.startswith(head):
        return edit_text(text, id=resource["id"], version=version, last_updated=last_updated)
    return f'{head}"meta":{{"versionId":"{version}","lastUpdated":"{last_updated}"}},{text[len(head):]}'


def rewrite_references(text: str, mapping: Mapping[str, str]) -> str:
    """The text with each address that `mapping` knows replaced; whatever it does not know stays."""
    tree = spelled(text)
    rewrite_tree(tree, mapping)
    return orjson.dumps(tree).decode()


def rewrite_tree(tree: Any, mapping: Mapping[str, str]) -> None:
    """The same in place, on a tree made by `spelled` or `orjson.loads`."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            for key, value in node.items():
                if isinstance(value, str):
                    if key in _ADDRESSES and value in mapping:
                        node[key] = mapping[value]
                elif isinstance(value, dict | list):
                    pending.append(value)


def references(tree: Any, at: str) -> Iterator[tuple[str, str]]:
    """Path (beginning with `at`) and text of every `reference` in the tree."""
    if isinstance(tree, list):
        for n, item in enumerate(tree):
            yield from references(item, f"{at}[{n}]")
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key == "reference" and isinstance(value, str):
                yield f"{at}.{key}", value
            elif isinstance(value, dict | list):
                yield from references(value, f"{at}.{key}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        (twice, _), = Counter(name for name, _ in pairs).most_common(1)
        raise BadInput(f"The element “{twice}” stands twice in one object.", hint="Keep one of the two.")
    return found
