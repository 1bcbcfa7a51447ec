"""The roll-up of a disaster as pages read it: a division, those directly below it, and what differs between them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from anlan.kernel.scope import Scope
from anlan.response.engine.indicators import neat
from anlan.response.engine.rollup import Child, Difference, explained
from anlan.response.models import Report, ReturnDifference, ReturnTotal
from anlan.territory.models import Division

Json = dict[str, Any]


def rollup_level(scope: Scope, disaster: UUID, root: str) -> Json:
    """The figures of `root` and of each division directly below it, silent ones too.

    {division, name, own, below, raw, told (what counts above: own where told, else the sum), reported, expected, …,
    children: [the same], differences: [{code, own, below, gap, reasons, explained}]}. Five queries, whatever the size.
    """
    below = list(Division.objects.filter(parent=root, valid_to__isnull=True).order_by("code"))
    codes = [root, *(one.code for one in below)]
    totals = {
        row.division: row for row in scope.filter(ReturnTotal.objects.filter(disaster=disaster, division__in=codes))
    }
    top = Division.objects.filter(code=root).first()
    names = {one.code: {"zh": one.name_zh, "en": one.name_en} for one in [*below, *([top] if top else [])]}
    gaps = scope.filter(ReturnDifference.objects.filter(disaster=disaster, division__in=codes)).exclude(state="gone")
    held = {row.division: row for row in gaps}
    node = _node(root, names, totals.get(root), held.get(root))
    node["children"] = [_node(one.code, names, totals.get(one.code), held.get(one.code)) for one in below]
    node["expected"] = len(below)
    node["reported"] = sum(child["sent_at"] is not None for child in node["children"])
    node["differences"] = _differences(disaster, held.get(root), totals.get(root), node["children"])
    return node


def _node(code: str, names: dict[str, Json], row: ReturnTotal | None, gap: ReturnDifference | None) -> Json:
    own, below, raw = (row.own, row.below, row.raw) if row else (None, None, None)
    return {
        "division": code,
        "name": names.get(code, {"zh": code, "en": code}),
        "own": own,
        "below": below,
        "told": {**(below or {}), **(own or {})},
        "raw": {**(own or {}), **(raw or {})},
        "own_sent_at": row.own_sent_at if row else None,
        "sent_at": row.sent_at if row else None,
        "reported": row.reported if row else 0,
        "expected": row.expected if row else 0,
        "gaps": {code: neat(pair[0] - pair[1]) for code, pair in gap.items.items()} if gap else {},
        "state": gap.state if gap else "",
    }


def _differences(
    disaster: UUID, row: ReturnDifference | None, total: ReturnTotal | None, children: list[Json]
) -> list[Json]:
    if row is None or total is None or total.own_sent_at is None:
        return []
    before = _before(disaster, total.own_sent_at, [c["division"] for c in children if c["sent_at"]])
    known = [
        Child(c["division"], c["name"]["zh"], c["told"], c["sent_at"], before.get(c["division"], {}), c["name"]["en"])
        for c in children
    ]
    found = []
    for code, (own, below) in sorted(row.items.items()):
        one = Difference(code, own, below)
        reasons = [
            {"kind": r.kind, "part": r.part, "zh": r.zh, "en": r.en} for r in explained(one, total.own_sent_at, known)
        ]
        found.append({"code": code, "own": own, "below": below, "gap": one.gap, "reasons": reasons,
                      "explained": row.explained.get(code)})  # fmt: skip
    return found


def _before(disaster: UUID, moment: datetime, divisions: list[str]) -> dict[str, dict[str, float]]:
    """What each of these divisions had told by `moment`."""
    rows = Report.objects.filter(disaster=disaster, division__in=divisions, sent_at__lte=moment)
    latest = rows.order_by("division", "-seq").distinct("division").values_list("division", "standing")
    return dict(latest)


def raw_entries(scope: Scope, disaster: UUID, root: str, limit: int = 500) -> list[Json]:
    """The latest report of every division inside `root`, as it was sent, the lowest level first: what any level above
    may read without anybody in between having touched it (F8)."""
    rows = scope.filter(ReturnTotal.objects.filter(disaster=disaster, division__startswith=root, own__isnull=False))
    found = sorted(rows.order_by("division")[:limit], key=lambda row: (-len(row.division), row.division))
    names = {
        code: {"zh": zh, "en": en}
        for code, zh, en in Division.objects.filter(code__in=[row.division for row in found]).values_list(
            "code", "name_zh", "name_en"
        )
    }
    return [
        {"division": row.division, "name": names.get(row.division, {"zh": row.division, "en": row.division}),
         "figures": row.own, "seq": row.own_seq, "sent_at": row.own_sent_at}
        for row in found
    ]  # fmt: skip


def differences_open(scope: Scope, disaster: UUID | None = None) -> list[ReturnDifference]:
    """Differences between levels nobody has explained, the widest area first."""
    rows = scope.filter(ReturnDifference.objects.filter(state="open").select_related("disaster"))
    rows = rows.filter(disaster=disaster) if disaster is not None else rows
    return sorted(rows.order_by("division"), key=lambda row: (len(row.division), row.division))
