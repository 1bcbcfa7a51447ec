"""Struct types made known before threads use them.

msgspec learns a type when it is first used, and crashes the process when two threads do so at once (seen with 0.22: a
web worker died on its first two requests). A process that serves from several threads learns all of them first.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

import anlan


def learn_struct_types() -> int:
    """Load every module that defines structs and let msgspec learn them; return how many."""
    root = Path(anlan.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "(msgspec.Struct" in path.read_text(encoding="utf-8"):
            importlib.import_module(".".join(("anlan", *path.relative_to(root).with_suffix("").parts)))
    known = 0
    for kind in _below(msgspec.Struct):
        with suppress(TypeError):  # a base that can't be decoded by itself: its fields are left open
            msgspec.json.Decoder(kind)
            known += 1
    return known


def _below(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
