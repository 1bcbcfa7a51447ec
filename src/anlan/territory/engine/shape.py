"""Which parts of a register its index holds, and how: words, filters, numbers, telephone digits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from anlan.territory.engine.register import Field, Register

FORMAT = 2  # of the files of an index; another number is not read
NULL = -(2**63)
_NUMBERS = ("int", "date")
_JOINED = {"persons": ("post", "holder")}  # not columns of the table: what changes them leaves no trace on its rows


@dataclass(frozen=True)
class Shape:
    """What the index of one register holds, by field names."""

    register: Register

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Fields searched for words: texts and codes alike."""
        return self._named(lambda item: item.index in ("words", "code"))

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """Fields searched by pinyin initials, and sorted by sound: names."""
        return self._named(lambda item: item.index == "words" and item.kind in ("name", "person"))

    @cached_property
    def prefixed(self) -> tuple[str, ...]:
        """Filters whose values are prefixes, the division left out: it is the order of the rows."""
        return self._named(lambda item: item.index == "filter" and item.kind == "industry")

    @cached_property
    def filters(self) -> tuple[str, ...]:
        """Fields filtered by value, those with prefixes among them, division and flags not."""
        return self._named(lambda item: item.index == "filter" and item.kind not in ("division", "flags"))

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """Fields that are bit masks."""
        return self._named(lambda item: item.kind == "flags")

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Fields kept as whole numbers: counts, days since 1970, microseconds since 1970 (updated_at)."""
        return self._named(lambda item: item.kind in _NUMBERS)

    @cached_property
    def digits(self) -> tuple[str, ...]:
        """Telephone fields found by their last digits."""
        return self._named(lambda item: item.index == "digits")

    @cached_property
    def empties(self) -> tuple[str, ...]:
        """Fields of which is kept whether they are empty, in the order of their bits; "point" stands for lon and lat."""
        joined = _JOINED.get(self.register.name, ())
        fields = [item.name for item in self.register.fields if item.name not in joined and item.kind != "attributes"]
        return (*fields, "point") if self.register.point else tuple(fields)

    @cached_property
    def fields(self) -> list[str]:
        """What the files of an index depend on: a register that is described otherwise has its index made anew."""
        return [f"{item.name} {item.kind} {item.index}" for item in self.register.fields]

    def field(self, name: str) -> Field:
        """Return a field's description."""
        return self.register.by_name[name]

    def _named(self, wanted: object) -> tuple[str, ...]:
        return tuple(item.name for item in self.register.fields if wanted(item))  # type: ignore[operator]
