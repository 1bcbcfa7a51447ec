"""Reads the stage's rule files."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib import resources

import yaml

from anlan.risk.engine.survey import Mix


@cache
def survey_mix() -> Mix:
    """Return what survey records are about (`rules/survey_mix.yaml`)."""
    body = yaml.safe_load((resources.files("anlan.risk") / "rules" / "survey_mix.yaml").read_text(encoding="utf-8"))
    return Mix(
        categories={code: (item["share"], item["types"]) for code, item in body["categories"].items()},
        first=date.fromisoformat(body["surveyed_from"]),
        days=body["surveyed_days"],
        places={kind: tuple(kinds) for kind, kinds in body["places"].items()},
    )
