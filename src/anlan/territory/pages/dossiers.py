"""What each register's row page shows, put together from the selectors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from anlan.kernel.actor import Actor
from anlan.kernel.language import say
from anlan.territory import choices
from anlan.territory.pages.checks import gap_word
from anlan.territory.pages.dot import dot
from anlan.territory.pages.facts import attribute_facts
from anlan.territory.selectors import dossiers as read
from anlan.territory.selectors.finding import Query, register_page
from anlan.territory.selectors.inside import nearest
from anlan.territory.selectors.near import posts_answering
from anlan.territory.selectors.register_rows import division_paths

Row = dict[str, Any]
ANSWERING = ("township_head", "township_duty", "village_head", "village_officer", "safety_guide", "county_duty")
TENDER = ("care_home", "school", "hospital")
NEAREST, NEAR_KM = 6, 5.0
COUNTED = {"care_home": "residents", "school": "pupils", "hospital": "beds"}


def unit(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """A unit: regulator and its rule, licences, hazards, who answers there, what is near."""
    key = UUID(row["_id"])
    return {
        "regulator": {"code": row["regulator"], "name": say(row.get("_regulator")), **read.unit_rule(who.scope, key)},
        "licences": read.licences_of(who.scope, key, today),
        "hazards": read.hazards_of(who.scope, key),
        "answering": posts_answering(who.scope, row["division"], ANSWERING),
        **_around(who, row),
    }


def place(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """A place: what is known by its kind, who answers for it, and for a reservoir who lies below."""
    key = UUID(row["_id"])
    attributes = row.get("attributes") or {}
    found = {
        "attributes": attribute_facts(row["kind"], attributes),
        "estimated": str(row.get("coord_src") or attributes.get("coord_src", "")).startswith("est_"),
        "answering": read.posts_of_place(who.scope, key),
        "township": posts_answering(who.scope, row["division"], ANSWERING),
        **_around(who, row),
    }
    if row["kind"] == "reservoir":
        found["downstream"] = _downstream(key, attributes)
    return found


def person(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """A person: posts held, turns of duty, certificates, skills, what is missing."""
    key = UUID(row["_id"])
    return {
        "held": read.held_by(who.scope, key),
        "shifts": read.shifts_of(now, person=key),
        "certificates": read.certificates_of(key, today),
        "skills": read.skills_of(key),
        "gaps": _gaps(read.gaps_of(who.scope, person=key)),
    }


def post(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """A post: its holders, who answers now, who is above, what it answers for."""
    key = UUID(row["_id"])
    return {
        **_holders(who, key, now),
        "chain": read.chain_above(who.scope, key),
        "duties": _with_names(read.duties_of(who.scope, key)),
        "shifts": read.shifts_of(now, post=key),
        "gaps": _gaps(read.gaps_of(who.scope, post=key)),
    }


def _holders(who: Actor, key: UUID, now: datetime) -> dict[str, Any]:
    found = read.holders_of(who.scope, key, now)
    return {"post": found["post"], "now_on": sorted(found["now"].items())}


def organisation(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """An organisation: its posts, and what hangs on it."""
    asked = {"units": "regulator", "places": "organisation"}
    held = {"places": read.organisation_places(who.scope, UUID(row["_id"]))}
    query = Query(filters={asked["units"]: (row["code"],)})
    held["units"] = register_page(who.scope, "units", query, limit=1, columns=["division"]).total
    return {"posts": read.posts_of_organisation(who.scope, UUID(row["_id"])), "held": held}


def licence(who: Actor, row: Row, now: datetime, today: date) -> dict[str, Any]:
    """A licence: the days it has left."""
    ends = row.get("expires_on")
    return {"days": (ends - today).days if ends else None}


def _around(who: Actor, row: Row) -> dict[str, Any]:
    lon, lat = row.get("lon"), row.get("lat")
    if lon is None or lat is None:
        return {"dot": None, "near": []}
    near = [
        {
            "code": item["code"], "km": item["_km"], "kind_name": choices.name(choices.PLACE_KINDS, item["kind"]),
            "name": {"zh": item["name_zh"], "en": item["name_en"]},
            "persons": (item["attributes"] or {}).get(COUNTED[item["kind"]]),
        }
        for item in nearest(who.scope, "places", lon, lat, NEAREST + 1, kinds=TENDER, max_km=NEAR_KM)
        if item["code"] != row.get("code")
    ][:NEAREST]  # fmt: skip
    return {"dot": dot(row["division"], lon, lat), "near": near}


def _downstream(key: UUID, attributes: Row) -> list[Row]:
    """Return the villages below: those of the register, else those the reservoir's record names."""
    rows = read.downstream_of(key) or [
        {"division": item["division"], "travel_min": item.get("minutes"), "distance_km": None, "population": None}
        for item in attributes.get("downstream", ())
    ]
    return _with_names(rows)


def _gaps(rows: list[Row]) -> list[Row]:
    return [{**row, "word": gap_word(row["kind"])} for row in rows]


def _with_names(rows: list[Row]) -> list[Row]:
    names = division_paths(row["division"] for row in rows)
    return [{**row, "where": names.get(row["division"])} for row in rows]


BUILD: dict[str, Callable[[Actor, Row, datetime, date], dict[str, Any]]] = {
    "units": unit, "places": place, "persons": person, "posts": post, "organisations": organisation, "licences": licence,
}  # fmt: skip
