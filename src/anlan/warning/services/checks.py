"""What must hold before a warning goes out; every refusal says the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.territory.selectors import division_names
from anlan.warning import choices, rules
from anlan.warning.engine.contradiction import Contradiction, contradictions
from anlan.warning.engine.wording import sentence
from anlan.warning.services.stop_orders import stops_in_force
from anlan.warning.services.values import Texts


def check_codes(hazard: str, colour: str, issuer_kind: str) -> None:
    """Hazard, colour and issuer are of the lists."""
    for field, value, table in (
        ("hazard", hazard, choices.HAZARDS),
        ("colour", colour, choices.COLOURS),
        ("issuer_kind", issuer_kind, choices.ISSUER_KINDS),
    ):
        if value not in table:
            raise Invalid(
                code=f"warning.{field}",
                zh=f"“{value}”不在可选范围；可用：{'、'.join(table)}。",
                en=f"“{value}” is not known; choose from {', '.join(table)}.",
                field=field,
                value=value,
            )


def check_area(area: Sequence[str]) -> tuple[str, ...]:
    """The area as the fewest division prefixes, sorted. Invalid when empty, or when a code is no division."""
    unknown = sorted(set(area) - set(division_names(area)))
    if unknown or not area:
        raise Invalid(
            code="warning.area",
            zh=f"预警区域无效：{'、'.join(unknown) or '未填写'}；请选择行政区划。",
            en=f"The area is not valid: {', '.join(unknown) or 'empty'}. Choose divisions.",
            field="area",
            value=",".join(unknown),
        )
    found: list[str] = []
    for code in sorted(set(area)):
        if not found or not code.startswith(found[-1]):
            found.append(code)
    return tuple(found)


def check_times(effective: datetime, expires: datetime) -> None:
    """The warning ends after it begins."""
    if expires <= effective:
        raise Invalid(
            code="warning.expires",
            zh="预警截止时间必须晚于生效时间。",
            field="expires",
            value=expires,
            en="The warning must end after it takes effect; give a later end.",
        )


def check_instruction(texts: Texts, hazard: str, colour: str) -> None:
    """A warning says what to do, in both languages: a number of millimetres tells nobody anything."""
    for language, value in (("zh", texts.instruction_zh), ("en", texts.instruction_en)):
        if not any(character.isalnum() for character in value):
            hint = sentence(rules.instructions(), hazard, colour, "public") or {"zh": "", "en": ""}
            raise Invalid(
                code="warning.no_instruction",
                field=f"instruction_{language}",
                value=value,
                zh=f"没有行动指引的预警不能发布。请写明公众该做什么，例如：{hint['zh']}",
                en=f"A warning without instruction can't be issued. Say what people must do, such as: {hint['en']}",
                suggestion=dict(hint),
            )


def contradictions_of(texts: Sequence[str], area: Sequence[str]) -> tuple[Contradiction, ...]:
    """Every clause that sends people in `area` to what an order in force has stopped."""
    return contradictions(texts, area, stops_in_force(area), rules.contradictions().words)


def check_contradictions(
    texts: Texts, area: Sequence[str], by: Actor, second_sign: Actor | None, more: Sequence[str] = ()
) -> None:
    """The words send nobody to what is stopped, unless a second, other person signs with full knowledge.

    `more`: what single audiences are told besides.
    """
    found = contradictions_of((*texts.all(), *more), area)
    if not found:
        return
    if second_sign is not None:
        for code in area:
            second_sign.must("warning.issue", code)
        if (second_sign.person or second_sign.name) == (by.person or by.name):
            raise Forbidden(
                code="warning.second_sign",
                zh="复核签发须由另一人完成。",
                field="second_sign",
                value=second_sign.name,
                en="The second signature must be another person's.",
            )
        return
    first = found[0]
    raise Conflict(
        code="warning.contradiction",
        field="description",
        value=first.clause,
        zh=f"文字“{first.clause}”与正在执行的{first.stop.zh}矛盾；请改写，或由另一名签发人复核签发。",
        en=f"“{first.clause}” goes against an order in force ({first.stop.en}). Reword it, or have a second issuer sign.",
        clauses=[{"clause": c.clause, "stop": c.stop.kind, "order": {"zh": c.stop.zh, "en": c.stop.en}} for c in found],
    )
