"""Pages of rows: what they are cut from, what they hang on, and which columns an answer needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from anlan.site.sta.asking import Asked
from anlan.site.sta.ordering import Order, token_of

Row = dict[str, Any]


@dataclass
class Page:
    """Rows of a list, with those expanded under each. `next`: the token of the next page, '' on the last."""

    rows: list[Row]
    next: str = ""
    skip: int = 0
    count: int | None = None


@dataclass(frozen=True)
class Under:
    """What a list hangs on: `column` equals `value`."""

    column: str
    value: Any


def cut(rows: list[Row], asked: Asked, order: Order) -> Page:
    """Return the rows of the page; with one more read, there is a next page."""
    if len(rows) <= asked.top:
        return Page(rows)
    page = Page(rows[: asked.top])
    if page.rows:
        page.next = token_of(page.rows[-1], order)
    page.skip = asked.skip + asked.top
    return page


def columns(asked: Asked, alias: str, *more: str) -> str:
    """Return the columns an answer needs: ids, what is shown, and what expansions hang on."""
    entity = asked.entity
    names = [*entity.keys, *more]
    names += [column for name, found in entity.fields.items() if asked.shows(name) for column in found.columns]
    names += [own for link in entity.links.values() for own, _ in link.pairs]
    return ", ".join(f"{alias}.{name}" for name in dict.fromkeys(names) if name)
