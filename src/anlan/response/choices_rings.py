"""What the stage rings people about (点名呼叫): the subjects' prefixes, and who was rung at each step, in one place."""

from __future__ import annotations

from typing import Final

Words = dict[str, str]

CHECK: Final = "dutycheck:"
TASK: Final = "task:"
TASKS: Final = "tasks:"
"""Several tasks one superior is told of in one call, by the first of them."""
PROPOSAL: Final = "levelproposal:"
REPORT: Final = "reportduty:"
REPORTS: Final = "reportduties:"
"""Several reports one desk above is told of in one call, by the first of them."""
TOGETHER: Final = {TASK: TASKS, REPORT: REPORTS}

_SUPERIOR: Final = {"zh": "上级岗位", "en": "Superior post"}
_ABOVE: Final = {"zh": "上级值班", "en": "Desk above"}
WHO: Final[dict[str, tuple[Words, ...]]] = {
    CHECK: (
        {"zh": "值班人员", "en": "On duty"},
        {"zh": "带班领导", "en": "Leader on duty"},
        {"zh": "上级值班", "en": "Superior post"},
    ),
    TASK: ({"zh": "现场岗位", "en": "Post on the spot"}, _SUPERIOR),
    TASKS: (_SUPERIOR,),
    PROPOSAL: ({"zh": "决定岗位", "en": "Deciding post"}, _SUPERIOR),
    REPORT: ({"zh": "应报值班", "en": "Desk that owes it"}, _ABOVE),
    REPORTS: (_ABOVE,),
}
"""Prefix → who, by step; the last one holds for every later step."""
