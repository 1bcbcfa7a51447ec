"""The after-action report as PDF, set by typst from the same JSON the page shows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst

from anlan.response.formats.fonts import FAMILIES
from anlan.review.formats.curve_figure import spark, tier_figure
from anlan.review.formats.figure import track_figure

TEMPLATE = Path(__file__).with_name("report.typ")
LANGUAGES = ("zh", "en")


def report_pdf(
    report: Mapping[str, Any],
    *,
    language: str,
    fonts: Sequence[Path],
    zone: str = "Asia/Shanghai",
    families: Sequence[str] = (),
) -> bytes:
    """Return the report (the value of `selectors.after_action`) as PDF bytes, in `zh` or `en`.

    Times are printed in `zone`. Raises ValueError for another language; typst's own error when a font folder is bad.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language is {language!r}, must be one of {LANGUAGES}")
    local = localised(report, language, ZoneInfo(zone))
    local["figure"] = track_figure(report, language=language, zone=zone)
    local["curve_figure"] = tier_figure(report["curves"], language=language)
    for role, curve in local["curves"]["by_role"].items():
        curve["spark"] = spark(report["curves"]["by_role"][role], report["curves"]["minutes"], language=language)
    inputs = {
        "report": json.dumps(local, ensure_ascii=False),
        "language": language,
        "families": json.dumps([*families, *FAMILIES]),
    }
    return bytes(
        typst.compile(
            str(TEMPLATE),
            font_paths=[str(path) for path in fonts],
            ignore_system_fonts=True,
            sys_inputs=inputs,
            format="pdf",
        )
    )


def localised(value: Any, language: str, zone: ZoneInfo) -> Any:
    """Return the report with each `{"zh", "en"}` as one text, and each ISO time as `07-20 16:30` of `zone`."""
    if isinstance(value, Mapping):
        if set(value) == {"zh", "en"}:
            return str(value[language])
        kept = {key: localised(item, language, zone) for key, item in value.items()}
        if {"zh", "en"} <= set(value):
            kept["text"] = str(value[language])
        return kept
    if isinstance(value, list | tuple):
        return [localised(item, language, zone) for item in value]
    if isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T":
        return datetime.fromisoformat(value).astimezone(zone).strftime("%m-%d %H:%M")
    return value
