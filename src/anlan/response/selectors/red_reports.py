"""Red items of reporting beside the reports not sent (`red_sources`): differences between levels nobody has explained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from anlan.kernel.scope import Scope
from anlan.response.models import ReturnDifference
from anlan.response.selectors.red import Red, red
from anlan.response.selectors.reports import division_names


@red("difference", zh="上下级数字不一致", en="Figures of levels differ")
def levels_differ(scope: Scope, at: datetime) -> Iterator[Red]:
    """Each division whose figures are other than the sum below it, unexplained."""
    rows = scope.filter(ReturnDifference.objects.filter(state="open", since__lte=at)).order_by("since", "division")
    found = list(rows)
    names = division_names({row.division for row in found})
    for row in found:
        name = names.get(row.division, {"zh": row.division, "en": row.division})
        yield Red(
            str(row.pk), f"{name['zh']}上报数字与下级合计不一致（{len(row.items)}项），未说明",
            f"{name['en']}: {len(row.items)} figures differ from the sum below, unexplained", row.since,
            f"/response/reports/disasters/{row.disaster_id}?root={row.division}", row.division,
        )  # fmt: skip
