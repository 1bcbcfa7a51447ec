"""Struct types made known before threads use them.

msgspec learns a type when it is first used, and crashes the process when two threads do so at once (seen with 0.22: a
web worker died on its first two requests). A process that serves from several threads learns all of them first.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import suppress

import msgspec

import anlan


def learn_struct_types() -> int:
    """Load the modules of formats and rules of every stage and let msgspec learn every struct; return how many."""
    for module in pkgutil.walk_packages(anlan.__path__, "anlan."):
        parts = module.name.split(".")
        if len(parts) > 2 and parts[2] in ("formats", "rules", "events", "schemas") and "tests" not in parts:
            importlib.import_module(module.name)
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
