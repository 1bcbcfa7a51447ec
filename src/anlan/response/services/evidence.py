"""Evidence that a task is done: words or photos, a number with its unit, a place; what is asked for must be there."""

from __future__ import annotations

import math
from typing import Any

from anlan.kernel.problem import Invalid
from anlan.response.engine.order import owed
from anlan.response.models import Task
from anlan.response.services.attachments import files_of

_KEPT = ("text", "number", "unit", "lon", "lat", "place", "sent_at", "by")


def evidence_taken(row: Task, given: dict[str, Any]) -> dict[str, Any]:
    """Return the evidence as it is kept. Invalid: a file that is not the task's, a number that is none, a place outside
    the world, or something the task asks for that is missing."""
    asked = row.evidence_asked or {}
    found = {key: given[key] for key in _KEPT if given.get(key) not in (None, "")}
    if given.get("files"):
        found["files"] = files_of(f"task:{row.pk}", given["files"])
    for name, low, high in (("number", -1e15, 1e15), ("lon", -180, 180), ("lat", -90, 90)):
        if name in found:
            found[name] = _number(name, found[name], low, high)
    if asked.get("unit") and "number" in found:
        found.setdefault("unit", asked["unit"])
    missing = owed(asked, found)
    if missing:
        raise _lacks(row, missing, given)
    return found


def _number(name: str, value: Any, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not low <= number <= high:
        raise Invalid(code=f"task.evidence_{name}", zh=f"“{value}”不是可用的数；请填写数字。", field=name, value=value,
                      en=f"“{value}” is no number that can be used; give one.")  # fmt: skip
    return number


def _lacks(row: Task, missing: str, given: dict[str, Any]) -> Invalid:
    asked = row.evidence_asked or {}
    unit = asked.get("unit", "")
    words = {
        "text": (f"办结需要证据：{asked.get('zh') or '请说明做了什么、何时'}。",
                 f"Evidence is needed: {asked.get('en') or 'say what was done, and when'}."),
        "photo": ("办结需要照片；请拍照上传。", "A photo is asked for as evidence; take one."),
        "number": (f"办结需要数字（{unit}）；请填写。", f"A number is asked for ({unit}); fill it in."),
        "place": ("办结需要位置；请打开定位，或在地图上给出经纬度。",
                  "A place is asked for; let the phone give its position, or type longitude and latitude."),
    }  # fmt: skip
    zh, en = words[missing]
    return Invalid(
        code="task.no_evidence", zh=zh, en=en, field="evidence" if missing == "text" else missing, value=given
    )
