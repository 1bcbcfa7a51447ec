"""A warning as a row, drawn up but not yet written: the same for issuing it and for showing it beforehand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import Conflict, Invalid
from anlan.kernel.scope import LEVEL_LENGTHS
from anlan.warning import rules
from anlan.warning.models import Warning
from anlan.warning.services import audience
from anlan.warning.services.message import sender_code
from anlan.warning.services.values import Drawn, Texts


def warning_row(
    *,
    by: Actor,
    hazard: str,
    colour: str,
    area: Sequence[str],
    texts: Texts,
    issuer_kind: str,
    lasts: tuple[datetime, datetime],
    first: Warning | None,
    words: Mapping[str, Any] | None,
    drawn: Drawn | None = None,
    at: datetime,
) -> Warning:
    """The row of a warning issued at `at`, not saved. `lasts`: effective and expires; `first`: of the chain it updates."""
    division = home_of(area)
    if not division:
        raise Invalid(
            code="warning.area",
            zh="一条预警不能跨省；请分省发布。",
            field="area",
            value=",".join(area),
            en="One warning can't span provinces; issue one for each.",
        )
    rule = audience.ladder_rule(hazard, colour, at)
    shown = drawn or Drawn()
    return Warning(
        division=division,
        number=number_next(division, issuer_kind, at),
        hazard=hazard,
        colour=colour,
        issuer_kind=issuer_kind,
        issuer_post_id=by.post,
        sender=sender_code(division, issuer_kind),
        **asdict(texts),
        words=dict(words or {}),
        area=list(area),
        outline=shown.outline,
        incidents=shown.incidents,
        note=shown.note,
        issued_at=at,
        effective=lasts[0],
        expires=lasts[1],
        state_at=at,
        references=first,
        drill=drill_state() is not None,
        channels_required=list(rule.required_channels),
        ladder=rule.code,
        ladder_version=rules.ladders().version,
    )


def every_text(words: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Every text of `Warning.words`, in both languages."""
    if not words:
        return ()
    said = [*words.get("actions", {}).values(), words.get("sms", {})]
    return tuple(text for pair in said for text in pair.values() if text)


def home_of(area: Sequence[str]) -> str:
    """The division a warning belongs to: the lowest that holds its whole area."""
    first, last = min(area), max(area)
    return first[: max(n for n in LEVEL_LENGTHS if n <= len(first) and first[:n] == last[:n])]


def number_next(division: str, issuer_kind: str, at: datetime) -> str:
    """The next free GB/T 35965.1 identity: issuer_YYYYMMDDhhmmss_N, N 0-9 within the second."""
    base = f"{sender_code(division, issuer_kind)}_{at.astimezone(clock.BEIJING):%Y%m%d%H%M%S}_"
    taken = (
        Warning.objects.filter(number__startswith=base).count()
        + Warning.objects.filter(cancel_number__startswith=base).count()
    )
    if taken > 9:
        raise Conflict(
            code="warning.number",
            zh="同一秒内同一单位的预警超过十条；请稍后再发。",
            field="number",
            value=base,
            en="More than ten messages of one issuer in one second; issue again in a moment.",
        )
    return f"{base}{taken}"
