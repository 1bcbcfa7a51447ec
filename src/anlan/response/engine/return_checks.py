"""Logic checks of a return (报表校验): what can't be true, and what is worth a question. Pure; words in both languages.

A hard finding keeps the report from being taken until it is mended; a soft one travels with it. Checks look only at
figures that were told: nobody has to know everything to report (先报已掌握).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from anlan.response.engine.indicators import Indicator, neat
from anlan.response.engine.numerals import plain


class Finding(msgspec.Struct, frozen=True):
    """What a check found: the field it lies in, its value, and what to do about it."""

    code: str
    hard: bool
    field: str
    value: float | str | None
    zh: str
    en: str

    def as_dict(self) -> dict[str, object]:
        """Return what is kept with the report and shown beside the field."""
        return {
            "code": self.code,
            "hard": self.hard,
            "field": self.field,
            "value": self.value,
            "zh": self.zh,
            "en": self.en,
        }


class Ledger(msgspec.Struct, frozen=True):
    """What the casualty ledger holds for the same place and event: live rows by kind, and names that occur twice."""

    counts: Mapping[str, int]
    doubles: tuple[str, ...] = ()


#: A whole that is never smaller than each of its parts; they may overlap, so they are not summed. (hard)
NOT_LESS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("affected", ("dead", "missing", "injured", "no_water", "relocated", "need_relief")),
    ("injured", ("severely_injured",)),
    ("crops_hit", ("crops_damaged", "crops_lost")),
    ("crops_damaged", ("crops_lost",)),
)
#: A whole that is the sum of its parts, once all of them are told. (hard)
SUMS: tuple[tuple[str, tuple[str, ...]], ...] = (("relocated", ("relocated_together", "relocated_apart")),)
#: Parts that together may not exceed the whole. (hard)
WITHIN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("loss", ("loss_homes", "loss_farming", "loss_industry", "loss_infrastructure", "loss_services", "loss_other")),
)
#: As NOT_LESS, but worth a question only. (soft)
LIKELY_NOT_LESS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("need_relief", ("need_transition",)),
    ("need_transition", ("need_women", "need_old", "need_children", "need_destitute", "need_orphaned")),
    ("collapsed_rooms", ("collapsed_households",)),
    ("severe_rooms", ("severe_households",)),
    ("light_rooms", ("light_households",)),
)
LEDGER_KINDS = ("dead", "missing")


def values_checked(told: Mapping[str, float], known: Mapping[str, Indicator]) -> Iterator[Finding]:
    """Yield what is wrong with single figures: unknown, negative, fractional where things are counted whole, too great."""
    for code, value in told.items():
        one = known.get(code)
        if one is None:
            yield Finding("report.unknown_figure", True, code, value, f"“{code}”不是统计指标；请用指标表中的代码。",
                          f"“{code}” is no indicator; use a code of the list.")  # fmt: skip
            continue
        zh, en = one.name.zh, one.name.en
        if value < 0:
            yield Finding("report.negative", True, code, value, f"{zh}不能为负数（{plain(value)}）；没有请填0。",
                          f"{en} can't be negative ({plain(value)}); type 0 for none.")  # fmt: skip
        elif one.whole and value != int(value):
            yield Finding("report.not_whole", True, code, value, f"{zh}应为整数（{plain(value)}）；单位是{one.unit.zh}。",
                          f"{en} must be a whole number ({plain(value)}); the unit is {one.unit.en}.")  # fmt: skip
        elif value > one.most:
            yield Finding("report.too_great", True, code, value, f"{zh}过大（{plain(value)}）；请核对单位（{one.unit.zh}）。",
                          f"{en} is too great ({plain(value)}); look at the unit ({one.unit.en}).")  # fmt: skip


def logic_checked(figures: Mapping[str, float], known: Mapping[str, Indicator]) -> Iterator[Finding]:
    """Yield figures that contradict each other (hard) or look wrong (soft)."""
    for whole, parts in NOT_LESS:
        yield from _not_less(figures, known, whole, parts, hard=True)
    for whole, parts in LIKELY_NOT_LESS:
        yield from _not_less(figures, known, whole, parts, hard=False)
    for whole, parts in SUMS:
        if whole in figures and all(part in figures for part in parts):
            total = neat(sum(figures[part] for part in parts))
            if total != neat(figures[whole]):
                yield _sum_finding("report.sum", known, whole, figures[whole], parts, total, "等于", "equal")
    for whole, parts in WITHIN:
        total = neat(sum(figures.get(part, 0) for part in parts))
        if whole in figures and total > neat(figures[whole]):
            yield _sum_finding("report.parts", known, whole, figures[whole], parts, total, "不小于", "be no less than")


def _not_less(
    figures: Mapping[str, float], known: Mapping[str, Indicator], whole: str, parts: Sequence[str], *, hard: bool
) -> Iterator[Finding]:
    for part in parts:
        if whole in figures and part in figures and figures[part] > figures[whole]:
            a, b = known[whole].name, known[part].name
            yield Finding(
                "report.less_than_part" if hard else "report.perhaps_less", hard, part, figures[part],
                f"{b.zh}（{plain(figures[part])}）大于{a.zh}（{plain(figures[whole])}）；请改正其中一项{'' if hard else '，或确认无误'}。",
                f"{b.en} ({plain(figures[part])}) is more than {a.en} ({plain(figures[whole])}); "
                f"{'mend one of them' if hard else 'mend one, or leave it if it is so'}.",
            )  # fmt: skip


def _sum_finding(
    code: str,
    known: Mapping[str, Indicator],
    whole: str,
    value: float,
    parts: Sequence[str],
    total: float,
    zh: str,
    en: str,
) -> Finding:
    names = [known[part].name for part in parts]
    return Finding(
        code, True, whole, value,
        f"{known[whole].name.zh}（{plain(value)}）应{zh}{'＋'.join(n.zh for n in names)}（合计{plain(total)}）；请改正总数或分项。",
        f"{known[whole].name.en} ({plain(value)}) should {en} {' + '.join(n.en for n in names)} (together {plain(total)}); "
        "mend the whole or the parts.",
    )  # fmt: skip


def ledger_checked(
    figures: Mapping[str, float], known: Mapping[str, Indicator], ledger: Ledger, *, final: bool
) -> Iterator[Finding]:
    """Yield where the dead and missing reported are not those of the ledger: hard in a final report, before that soft.
    Nobody's name is needed for a row of the ledger, so there is no reason for the two to stay apart."""
    for kind in LEDGER_KINDS:
        rows, count = ledger.counts.get(kind, 0), figures.get(kind)
        if count is not None and rows != count:
            name = known[kind].name
            yield Finding(
                "report.ledger", final, kind, count,
                f"{name.zh}{plain(count)}人，台账{rows}人；请逐人补录（身份不明也可以）或更正数字。",
                f"{name.en}: {plain(count)} reported, {rows} in the ledger; enter each person (also without a name) or mend "
                "the figure.",
            )  # fmt: skip
    for double in ledger.doubles:
        yield Finding("report.double_name", False, "dead", double, f"台账中“{double}”在同一地点出现两次；请核对是否同一人，是则合并。",
                      f"“{double}” stands twice in the ledger at one place; merge the two if it is one person.")  # fmt: skip


def times_checked(happened_at: datetime | None, as_of: datetime, sent_at: datetime) -> Iterator[Finding]:
    """Yield where the order of times can't be: happened ≤ as of ≤ sent."""
    if as_of > sent_at:
        yield Finding("report.as_of", True, "as_of", as_of.isoformat(), "统计截止时间不能晚于报送时间；请改早。",
                      "The figures can't be as of a time after the sending; make it earlier.")  # fmt: skip
    if happened_at is not None and as_of < happened_at:
        yield Finding("report.as_of_before", True, "as_of", as_of.isoformat(), "统计截止时间不能早于灾害发生时间；请改晚。",
                      "The figures can't be as of a time before the event; make it later.")  # fmt: skip
