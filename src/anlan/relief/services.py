"""The only writers of the relief stage's tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.problem import Conflict
from anlan.relief.engine.coverage import stock_make
from anlan.relief.events import StockLaid
from anlan.relief.models import StockItem
from anlan.relief.sources import norms
from anlan.territory.engine.keys import stable_ids
from anlan.territory.models import Place
from anlan.territory.services.copying import Copier

COLUMNS = "id,code,depot_id,item,quantity,unit,holding,state,produced_on,expires_on,division"
Say = Callable[[str, int, int], None]


@transaction.atomic
def stock_generate(
    *, by: Actor, root: str, people: int, seed: int, as_of: date, at: datetime | None = None, say: Say | None = None
) -> int:
    """Lay down stock in the depots inside `root` that suffices for exactly `people`; return the number of lots.

    Conflict when there is stock already or no depot to put it in, Forbidden without the act `territory.generate`.
    """
    by.must("territory.generate", root)
    depots = list(
        Place.objects.filter(kind="depot", division__startswith=root).order_by("code").values_list("code", "division")
    )
    if StockItem.objects.exists() or not depots:
        raise Conflict(
            code="relief.stock_there" if depots else "relief.no_depot",
            zh="已有物资，或没有物资库；请换一个有物资库的空库。",
            en="There is stock already, or no depot; generate into an empty database with depots.",
            field="root",
            value=root,
        )
    version, known = norms()
    made = stock_make(seed, people, known, depots, as_of)
    copier = Copier({"stock": ("relief_stockitem", COLUMNS)})
    own, places = stable_ids("stock", [lot.code for lot in made]), stable_ids("place", [lot.depot for lot in made])
    copier.add(
        "stock",
        [
            (i, lot.code, place, lot.item, lot.quantity, lot.unit, lot.holding, "available", *lot[6:])
            for i, place, lot in zip(own, places, made, strict=True)
        ],
    )
    copier.close()
    if say:
        say("stock", len(made), len(made))
    event = StockLaid(seed=seed, people=people, lots=len(made), norms=version, sha256=copier.digests()["stock"])
    record(event, by=by, about=f"territory:{root}", division=root, at=at)
    return len(made)
