"""For how many people stock suffices: the least over the items of what each serves; and stock made to a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from anlan.kernel.ids import draw
from anlan.territory.engine.allot import largest_remainder

OVER = 0.35  # items that aren't the least hold up to so much more
LOT = 2000


class Norm(NamedTuple):
    """`quantity` of an item serves `people`; `seasons` empty: always."""

    code: str
    zh: str
    en: str
    unit: str
    quantity: int
    people: int
    seasons: tuple[str, ...]
    keep_years: int


class Covered(NamedTuple):
    """How many people the stock suffices for, the item that is the least, and what each item suffices for."""

    people: int
    least: str
    by_item: dict[str, int]


class Lot(NamedTuple):
    """One lot; depot is a code."""

    code: str
    depot: str
    item: str
    quantity: int
    unit: str
    holding: str
    produced_on: date
    expires_on: date
    division: str


def covered(norms: Sequence[Norm], stock: Mapping[str, int], season: str = "") -> Covered:
    """Return the coverage of `stock` (item → quantity) in a season ("": all items count). No norms: nobody is covered.

    >>> tent = Norm("tent", "帐篷", "Tent", "顶", 1, 5, (), 8)
    >>> covered([tent], {"tent": 8000}).people
    40000
    """
    asked = [norm for norm in norms if not season or not norm.seasons or season in norm.seasons]
    by_item = {norm.code: stock.get(norm.code, 0) * norm.people // norm.quantity for norm in asked}
    if not by_item:
        return Covered(0, "", {})
    least = min(by_item, key=lambda code: (by_item[code], code))
    return Covered(by_item[least], least, by_item)


def needed(norm: Norm, people: int) -> int:
    """Return the quantity of an item that just suffices for `people`."""
    return -(-people * norm.quantity // norm.people)


def stock_make(
    seed: int, people: int, norms: Sequence[Norm], depots: Sequence[tuple[str, str]], as_of: date
) -> list[Lot]:
    """Return lots in depots (code, division) that cover exactly `people` in every season: of each item enough, of those
    that count always one just enough. ValueError without depots or norms."""
    if not depots or not norms:
        raise ValueError("no depot or no norm")
    always = [norm for norm in norms if not norm.seasons]
    exact = [norm for norm in always if needed(norm, people) * norm.people // norm.quantity == people]
    least = min(exact or always, key=lambda norm: draw(seed, "least", norm.code)).code
    found: list[Lot] = []
    for norm in norms:
        more = 0.0 if norm.code == least else OVER * draw(seed, "over", norm.code)
        total = needed(norm, people) + int(needed(norm, people) * more)
        weights = [200 + int(800 * draw(seed, norm.code, code)) for code, _ in depots]
        for (code, division), quantity in zip(depots, largest_remainder(total, weights), strict=True):
            found += _lots(seed, norm, code, division, quantity, as_of)
    return found


def _lots(seed: int, norm: Norm, depot: str, division: str, quantity: int, as_of: date) -> list[Lot]:
    """Split what a depot holds of an item into lots; none has passed its day."""
    count = -(-quantity // LOT) if quantity else 0
    found = []
    for number, share in enumerate(largest_remainder(quantity, [1] * count), start=1):
        code = f"{depot}.{norm.code}.{number:02d}"
        days = norm.keep_years * 365
        left = 30 + int((days - 30) * draw(seed, "left", code))
        until = as_of + timedelta(days=left)
        holding = "government" if draw(seed, "holding", code) < 0.8 else "agreement"
        found.append(
            Lot(code, depot, norm.code, share, norm.unit, holding, until - timedelta(days=days), until, division)
        )
    return found
