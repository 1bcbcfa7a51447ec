"""A level's own figures held against the sum of those below it (逐级汇总): what differs, and what explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from anlan.response.engine.indicators import neat
from anlan.response.engine.numerals import plain, signed
from anlan.response.engine.text import Words


class Child(msgspec.Struct, frozen=True):
    """A division below: its figures that count (own, else the sum of its own children), when it last reported (None:
    not yet) and the figures it had told by then before."""

    division: str
    name: str
    figures: Mapping[str, float]
    sent_at: datetime | None
    before: Mapping[str, float] = {}
    name_en: str = ""


class Difference(msgspec.Struct, frozen=True):
    """One figure that a level reports otherwise than those below it. `gap`: own less the sum; below 0: fewer reported
    than is known underneath."""

    code: str
    own: float
    below: float

    @property
    def gap(self) -> float:
        """Return own less the sum below."""
        return neat(self.own - self.below)


class Reason(msgspec.Struct, frozen=True):
    """Something that explains a difference, or part of it, in words; `part` of it where that can be told."""

    kind: str
    part: float | None
    zh: str
    en: str


def differences(own: Mapping[str, float], below: Mapping[str, float]) -> tuple[Difference, ...]:
    """Return the figures told on both sides that are not equal, in order of code."""
    return tuple(
        Difference(code, own[code], below[code])
        for code in sorted(set(own) & set(below))
        if neat(own[code]) != neat(below[code])
    )


def explained(one: Difference, own_sent_at: datetime, children: Sequence[Child]) -> tuple[Reason, ...]:
    """Return what explains a difference: divisions below that reported after the level did, those that have not
    reported, and what is left, for which the level owes a reason."""
    later = [child for child in children if child.sent_at is not None and child.sent_at > own_sent_at]
    silent = [child for child in children if child.sent_at is None]
    found = []
    moved = neat(sum(child.figures.get(one.code, 0) - child.before.get(one.code, 0) for child in later))
    if later and moved:
        found.append(Reason("later", -moved, f"{_names(later).zh}在本级报送之后又报，合计变化{signed(moved)}",
                            f"{_names(later).en} reported after this level did: {signed(moved)} together"))  # fmt: skip
    left = neat(one.gap + moved)
    if left > 0 and silent:
        found.append(Reason("silent", left, f"{len(silent)}个下级尚未报送（{_names(silent).zh}），本级已计入的可能在其中",
                            f"{len(silent)} below have not reported ({_names(silent).en}); what this level counts may "
                            "be theirs"))  # fmt: skip
    elif left < 0:
        found.append(
            Reason(
                "fewer",
                left,
                f"本级比下级合计少{plain(-left)}，没有说明",
                f"{plain(-left)} fewer than the sum below, unexplained",
            )
        )
    elif left > 0:
        found.append(
            Reason(
                "more",
                left,
                f"本级比下级合计多{plain(left)}，没有说明",
                f"{plain(left)} more than the sum below, unexplained",
            )
        )
    return tuple(found)


def _names(children: Sequence[Child]) -> Words:
    more, first = len(children) - 3, children[:3]
    zh, en = "、".join(one.name for one in first), ", ".join(one.name_en or one.name for one in first)
    return Words(f"{zh}等{len(children)}个", f"{en} and {more} more") if more > 0 else Words(zh, en)


def total(children: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the sum of figures, code by code, over those that tell them."""
    codes = sorted({code for figures in children for code in figures})
    return {code: neat(sum(figures.get(code, 0) for figures in children)) for code in codes}
