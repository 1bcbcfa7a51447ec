"""Paths into JSON values: `values.rain`, `data[0].v`, `$.points[*]` — names, indexes, and [*] for each of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
EACH = -1
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d{1,6}|\*)\]|\[['\"]([^'\"]*)['\"]\]")


def json_path(text: str) -> Path:
    """Return the steps of a path; "" and "$" mean the value itself. Raises ValueError with the place that is wrong.

    >>> json_path("$.data[0].v"), json_path("points[*]")
    (('data', 0, 'v'), ('points', -1))
    """
    rest = text.strip().removeprefix("$")
    steps: list[str | int] = []
    place = 0
    while place < len(rest):
        found = _STEP.match(rest, place)
        if found is None:
            raise ValueError(rest[place:][:40])
        name, index, quoted = found.groups()
        steps.append(name or (quoted if quoted is not None else EACH if index == "*" else int(index)))
        place = found.end()
    return tuple(steps)


def each(value: Any, path: Path) -> Iterator[Any]:
    """Give every value the path leads to; none when a step isn't there."""
    for number, step in enumerate(path):
        if step == EACH:
            if isinstance(value, list):
                for item in value:
                    yield from each(item, path[number + 1 :])
            return
        try:
            value = _inside(value, step)
        except (KeyError, IndexError):
            return
    yield value


def _inside(value: Any, step: str | int) -> Any:
    if not isinstance(value, dict if isinstance(step, str) else list):
        raise KeyError(step)
    found: Any = value
    return found[step]


def first(value: Any, path: Path) -> Any:
    """Return the first value the path leads to, None without one."""
    return next(each(value, path), None)
