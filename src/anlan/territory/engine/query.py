"""A question to a register (查询): words, filters, area and order; and the place in a list to go on from (游标)."""

from __future__ import annotations

import base64
import binascii
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from anlan.kernel.problem import Invalid

if TYPE_CHECKING:
    from anlan.territory.engine.area import Area

Box = tuple[float, float, float, float]
MOST_WORDS = 8
MOST_CHARS = 200
NO_FILTERS: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Query:
    """What is looked for in a register.

    `q`: words with spaces between, all of which must be found. `filters`: field → any of these codes; `division` and
    `industry` values are prefixes, `flags` names, `missing` the names of fields that must be empty (`point` too).
    `between`: date field → first and last value, inclusive, None where it is open. `bbox`: west, south, east, north in
    degrees (west > east: over the antimeridian). `sort`: "" (division, key) or a field's name, "-" before it for
    descending; rows without a value come last.
    """

    q: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NO_FILTERS)
    between: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    bbox: Box | None = None
    area: Area | None = None
    sort: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """Return the folded words of `q`."""
        return tuple(dict.fromkeys(fold(self.q[:MOST_CHARS]).split()))[:MOST_WORDS]


@dataclass(frozen=True)
class Cursor:
    """The row a page goes on from: after it, or (`back`) before it. `value` is its value in the sort order."""

    division: str
    key: str
    value: Any = None
    back: bool = False

    def text(self) -> str:
        """Return the cursor as it travels in addresses."""
        body = json.dumps([int(self.back), self.value, self.division, self.key], separators=(",", ":"))
        return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def cursor_read(text: str) -> Cursor | None:
    """Return the cursor of an address, None for ""; Invalid when it is none."""
    if not text:
        return None
    try:
        back, value, division, key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if back not in (0, 1) or not isinstance(division, str) or not isinstance(key, str):
            raise ValueError(text)
        if value is not None and not isinstance(value, int | float | str):
            raise ValueError(text)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid(
            code="territory.bad_cursor",
            zh="翻页位置无效；请回到列表第一页重新翻。",
            en="This place in the list can't be read; start again at the first page.",
            field="after",
            value=text,
        ) from None
    return Cursor(division, key, value, bool(back))


def fold(text: str) -> str:
    """Return text as it is compared: full-width forms folded (NFKC), Latin letters small.

    >>> fold("ＡＢＣ（菏泽）")
    'abc(菏泽)'
    """
    return unicodedata.normalize("NFKC", text).lower()
