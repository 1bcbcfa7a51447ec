"""Making the next chunk while the database takes the last: two things at once on two cores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
END = object()


def ahead(chunks: Iterable[T]) -> Iterator[T]:
    """Yield the same chunks in the same order, each next one made in a thread while the caller works on the last.

    What the maker raises is raised here. The maker must not touch the database: it has no connection of its own.
    """
    source = iter(chunks)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, source, END)
        while (chunk := coming.result()) is not END:
            coming = pool.submit(next, source, END)
            yield chunk  # type: ignore[misc]
