"""Which column of a file is which field: by heading, other headings known, and likeness."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from anlan.territory.engine.identifiers import half_width
from anlan.territory.engine.register import Field, Register

_NOISE = re.compile(r"[（(【\[].*?[)）】\]]|[\s*＊_:：.\-/()（）]+")
LIKE = 0.82
LOOK_AT_ROWS = 20


class Guess(NamedTuple):
    """A column's field and how sure that is (1: it is called so)."""

    field: str
    sure: float


def folded(heading: str) -> str:
    """Return a heading as headings are compared: no notes in brackets, signs, spaces or case."""
    return _NOISE.sub("", half_width(heading)).casefold()


def headings(register: Register) -> dict[str, str]:
    """Return every known heading of the register → field; a name of its own beats another field's alias."""
    found: dict[str, str] = {}
    for spellings in (lambda f: f.aliases, lambda f: (f.name, f.en, f.zh)):
        for field in register.importable():
            found |= {folded(text): field.name for text in spellings(field)}
    return found


def guess(register: Register, header: Sequence[str], extra: Mapping[str, str] = {}) -> dict[str, Guess]:
    """Return heading → field ("" where none fits). Each field is taken once, by the surest column; `extra`: further
    headings → field, such as the attributes of places."""
    known = {**{folded(text): name for text, name in extra.items()}, **headings(register)}
    offers: list[tuple[float, int, str]] = []
    for place, heading in enumerate(header):
        offers += [(sure, -place, name) for name, sure in _fits(folded(heading), known)]
    taken: dict[int, Guess] = {}
    used: set[str] = set()
    for sure, place, name in sorted(offers, reverse=True):
        if -place not in taken and name not in used:
            taken[-place] = Guess(name, round(sure, 2))
            used.add(name)
    return {heading: taken.get(place, Guess("", 0.0)) for place, heading in enumerate(header)}


def _fits(heading: str, known: Mapping[str, str]) -> list[tuple[str, float]]:
    if not heading:
        return []
    if heading in known:
        return [(known[heading], 1.0)]
    inside = [(name, 0.9) for text, name in known.items() if len(text) >= 3 and (text in heading)]
    if inside:
        return inside
    close = difflib.get_close_matches(heading, list(known), n=1, cutoff=LIKE)
    return [(known[text], 0.8) for text in close]


def header_row(register: Register, rows: Sequence[Sequence[str | None]]) -> int:
    """Return which of the first rows is the heading: the one with the most known headings (the first filled row when none has two)."""
    known = set(headings(register))
    scores = [sum(folded(cell) in known for cell in row if cell) for row in rows[:LOOK_AT_ROWS]]
    if scores and max(scores) >= min(2, len(known)):
        return scores.index(max(scores))
    return next((place for place, row in enumerate(rows) if any(row)), 0)


def header_hash(header: Sequence[str]) -> str:
    """Return what a sender's heading is remembered by."""
    return hashlib.sha256("\x1f".join(folded(text) for text in header).encode()).hexdigest()


def distinct(header: Sequence[str | None]) -> list[str]:
    """Return headings that are all filled and all different: "列3", "电话 (2)"."""
    seen: dict[str, int] = {}
    names: list[str] = []
    for place, text in enumerate(header, start=1):
        name = " ".join((text or "").split()) or f"列{place}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def missing(register: Register, mapping: Mapping[str, str]) -> list[Field]:
    """Return the required fields no column gives; of the natural key's fields one is enough."""
    given = set(mapping.values())
    wanted = [field for field in register.importable() if field.required and field.name not in given]
    keys = [register.by_name[name] for name in register.key if register.by_name[name].importable]
    if keys and not given & {field.name for field in keys}:
        wanted += [field for field in keys[:1] if field not in wanted]
    return wanted
