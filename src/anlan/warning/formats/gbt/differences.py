"""Where two messages differ, leaf by leaf, in the words of the document. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec


class Difference(NamedTuple):
    """A leaf that is not the same: where, its text before and after (None = not there)."""

    path: str
    before: str | None
    after: str | None


Names = Callable[[type[msgspec.Struct]], Mapping[str, str]]
"""Field → element name of a struct; a field that isn't named is not compared."""
Shown = Callable[[object], str]


def differences(
    before: msgspec.Struct, after: msgspec.Struct, path: str, names: Names, shown: Shown
) -> Iterator[Difference]:
    """Every leaf of `before` that `after` hasn't, has otherwise, or has besides.

    An empty element says as much as none. Repeated structs are matched by their place; repeated texts and pairs by
    what they say, so that one lost doesn't make all behind it differ.
    """
    for field, element in names(type(before)).items():
        old, new = getattr(before, field), getattr(after, field)
        here = f"{path}/{element}"
        if isinstance(old, tuple) and old + new and _nested((*old, *new)[0]):
            for at in range(max(len(old), len(new))):
                one = old[at] if at < len(old) else _blank(new[at])
                other = new[at] if at < len(new) else _blank(old[at])
                yield from differences(one, other, f"{here}[{at + 1}]", names, shown)
        elif isinstance(old, tuple):
            yield from of_lists(old, new, here, shown)
        elif (old or None) != (new or None):
            yield Difference(here, old or None, new or None)


def _nested(thing: object) -> bool:
    """Is a member matched by its place? Pairs and texts are not."""
    return isinstance(thing, msgspec.Struct) and type(thing).__name__ != "Coded"


def _blank(struct: msgspec.Struct) -> msgspec.Struct:
    """A struct of the same kind that says nothing: what stands against one that isn't there."""
    fields = struct.__struct_fields__
    return type(struct)(**{name: () if isinstance(getattr(struct, name), tuple) else "" for name in fields})


def of_lists(old: Sequence[object], new: Sequence[object], path: str, shown: Shown) -> Iterator[Difference]:
    """What one list of texts or pairs has that the other hasn't; if nothing, whether the order is another."""
    old, new = [thing for thing in old if thing != ""], [thing for thing in new if thing != ""]
    missing, extra = Counter(old) - Counter(new), Counter(new) - Counter(old)
    kept_old, kept_new = [], []
    for at, thing in enumerate(old, 1):
        if missing[thing] > 0:
            missing[thing] -= 1
            yield Difference(f"{path}[{at}]", shown(thing), None)
        else:
            kept_old.append(thing)
    for at, thing in enumerate(new, 1):
        if extra[thing] > 0:
            extra[thing] -= 1
            yield Difference(f"{path}[{at}]", None, shown(thing))
        else:
            kept_new.append(thing)
    if kept_old != kept_new:
        yield Difference(path, " ".join(map(shown, kept_old)), " ".join(map(shown, kept_new)))
