"""What differs between two versions of a plan (新旧对照), level by level and task by task: rows are told apart by their own
codes, so that one put in front doesn't make all behind it look changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

# What tells the rows of each list apart; a list not named here is compared as one value.
KEYS: dict[str, tuple[str, ...]] = {
    "levels": ("level",),
    "triggers": ("id",),
    "tasks": ("code",),
    "groups": ("code",),
    "cards": ("post", "department"),
    "resources": ("kind",),
    "pre_authorised": ("action", "place_kind", "role"),
    "follows": ("code",),
    "bodies": ("organisation",),
}
IGNORED = ("version",)


class Difference(NamedTuple):
    """One difference: `path` like ("levels", "3", "tasks", "T301", "within"), what happened, and both values."""

    path: tuple[str, ...]
    kind: Literal["added", "removed", "changed"]
    old: Any
    new: Any


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what differs between two plan bodies (as JSON), in the order of the new one; the version's own number aside."""
    return tuple(d for d in _mapping((), old, new) if d.path[0] not in IGNORED)


def _mapping(path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):
        yield from _value((*path, name), old.get(name), new.get(name))


def _value(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if old == new:
        return
    keys = KEYS.get(path[-1])
    if keys and isinstance(old, list) and isinstance(new, list):
        yield from _rows(path, keys, old, new)
    elif isinstance(old, dict) and isinstance(new, dict) and set(new) != {"zh", "en"}:
        yield from _mapping(path, old, new)
    elif _empty(old):
        yield Difference(path, "added", None, new)
    elif _empty(new):
        yield Difference(path, "removed", old, None)
    else:
        yield Difference(path, "changed", old, new)


def _rows(
    path: tuple[str, ...], keys: tuple[str, ...], old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[Difference]:
    before, after = _named(keys, old), _named(keys, new)
    for name in [*after, *(name for name in before if name not in after)]:
        if name not in before:
            yield Difference((*path, name), "added", None, after[name])
        elif name not in after:
            yield Difference((*path, name), "removed", before[name], None)
        else:
            yield from _mapping((*path, name), before[name], after[name])


def _named(keys: tuple[str, ...], rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Name rows by their keys; a second row of one name gets its place, so that no row is lost."""
    found: dict[str, Mapping[str, Any]] = {}
    for place, row in enumerate(rows):
        name = "·".join(str(row[key]) for key in keys if row.get(key) not in (None, ""))
        found[name if name and name not in found else f"{name}#{place + 1}"] = row
    return found


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}
