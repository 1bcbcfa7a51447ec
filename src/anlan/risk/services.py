"""The only writers of the risk stage's tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.risk.choices import TYPES
from anlan.risk.engine.survey import Known, Record, Spot, records_make
from anlan.risk.events import SurveyLaid
from anlan.risk.models import SurveyRecord
from anlan.risk.sources import survey_mix
from anlan.territory.codes import TOWNSHIP, VILLAGE
from anlan.territory.engine.keys import stable_ids
from anlan.territory.models import Division, Place
from anlan.territory.services.copying import Copier

COLUMNS = "id,survey_code,category,type,name,lon,lat,hazard_class,attributes,surveyed_on,surveyor_id,quality,place_id,division"
Say = Callable[[str, int, int], None]


@transaction.atomic
def survey_generate(
    *, by: Actor, root: str, total: int, seed: int, at: datetime | None = None, say: Say | None = None
) -> int:
    """Lay down exactly `total` survey records over the settlements inside `root`; return their number.

    Each record names the post that answers there: the village's head, or the township's desk where no village is known.
    Conflict when there are records already, Forbidden without the act `territory.generate`.
    """
    by.must("territory.generate", root)
    if SurveyRecord.objects.exists():
        raise Conflict(
            code="risk.survey_there",
            zh="已有普查记录；请换一个空库再生成。",
            en="There are survey records already; generate into an empty database.",
            field="root",
            value=root,
        )
    names = {code: choice.zh for code, choice in TYPES.items()}
    made = records_make(seed, total, survey_mix(), _spots(root), _places(root), names)
    copier = Copier({"survey": ("risk_surveyrecord", COLUMNS)})
    copier.add("survey", [_row(*pair) for pair in zip(made, _keys(made), strict=True)])
    copier.close()
    if say:
        say("survey records", len(made), total)
    counts = dict(Counter(row.category for row in made))
    event = SurveyLaid(seed=seed, count=len(made), by_category=counts, sha256=copier.digests()["survey"])
    record(event, by=by, about=f"territory:{root}", division=root, at=at)
    return len(made)


def _spots(root: str) -> list[Spot]:
    rows = list(Division.objects.filter(code__startswith=root, level__gte=TOWNSHIP, lon__isnull=False).order_by("code"))
    deepest = max((row.level for row in rows), default=0)
    post = "head" if deepest == VILLAGE else "duty"
    return [
        Spot(row.code, row.name_zh, row.lon or 0.0, row.lat or 0.0, f"{row.code}.{post}")
        for row in rows
        if row.level == deepest
    ]


def _places(root: str) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = {}
    kinds = {kind for kinds in survey_mix().places.values() for kind in kinds}
    for row in Place.objects.filter(kind__in=kinds, division__startswith=root).order_by("code"):
        found.setdefault(row.kind, []).append(Known(row.code, row.name_zh, row.lon, row.lat, row.division))
    return found


def _keys(made: list[Record]) -> list[tuple[str, str, str | None]]:
    own = stable_ids("survey", [row.survey_code for row in made])
    posts = stable_ids("post", [row.surveyor for row in made])
    places = stable_ids("place", [row.place or "" for row in made])
    return [
        (i, post, place if row.place else None) for i, post, place, row in zip(own, posts, places, made, strict=True)
    ]


def _row(row: Record, keys: tuple[str, str, str | None]) -> tuple[object, ...]:
    own, post, place = keys
    return (own, *row[:9], post, row.quality, place, row.division)
