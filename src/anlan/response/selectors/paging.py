"""Long lists a page at a time, cut by the database."""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    """So many rows after the first `after`; one more is read, which tells that there is a next page."""

    after: int
    limit: int

    @property
    def span(self) -> slice:
        """The rows to take of a query set."""
        return slice(self.after, self.after + self.limit + 1)


def tail(page: Page | None) -> tuple[str, list[int]]:
    """The end of a statement that reads a page, and its parameters; nothing without a page."""
    return ("", []) if page is None else (" LIMIT %s OFFSET %s", [page.limit + 1, page.after])
