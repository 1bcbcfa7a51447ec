"""The CAP file of a warning: from our row to the values of the standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from shapely import make_valid
from shapely.geometry import shape

from anlan.kernel import clock
from anlan.kernel.drill import drill_state
from anlan.kernel.problem import Invalid
from anlan.territory import codes
from anlan.territory.models import Boundary
from anlan.territory.selectors import division_names
from anlan.warning import choices
from anlan.warning.engine.outlines import cap_shapes
from anlan.warning.formats import cap
from anlan.warning.formats.cap import geometry, house
from anlan.warning.formats.cap.geometry import Ring
from anlan.warning.models import Warning
from anlan.warning.sources.signing_key import message_signed

# Colour → CAP severity, urgency and response types. Colours I-IV map to severity as in the field's practice (mark G).
SEVERITY: Final = {"red": "Extreme", "orange": "Severe", "yellow": "Moderate", "blue": "Minor"}
URGENCY: Final = {"red": "Immediate", "orange": "Expected", "yellow": "Expected", "blue": "Future"}
RESPONSES: Final = {
    "red": ("Shelter", "Avoid"),
    "orange": ("Prepare", "Avoid"),
    "yellow": ("Monitor",),
    "blue": ("Monitor",),
}
CATEGORIES: Final = {"11A": "Met", "11B": "Met", "11C": "Geo", "11D": "Geo", "11G": "Fire", "12D": "CBRNE"}
# Outlines are thinned to about 100 m: the geocode decides who is inside, the polygon shows it.
TOLERANCE_DEG: Final = 0.001
# So many divisions are named in the words of a drawn area; the geocodes name all.
MOST_NAMED: Final = 8


def cap_file(
    warning: Warning, msg_type: str, earlier: Sequence[Warning] = (), *, at: datetime, number: str = "", note: str = ""
) -> str:
    """The message as XML text. `earlier` are the messages it acts on; `number` names a cancel message.

    Signed with the platform's key when one is set up. Raises Invalid `warning.cap` when the standard forbids what
    would be sent.
    """
    areas = _areas(warning)
    drill = _drill_note() if warning.drill else ""
    alert = cap.Alert(
        identifier=number or warning.number,
        sender=warning.sender,
        sent=_local(at),
        status="Exercise" if warning.drill else "Actual",
        msg_type=msg_type,
        scope="Public",
        note="; ".join(filter(None, (drill, note, warning.note))) or None,
        incidents=warning.incidents or None,
        references=" ".join(f"{w.sender},{w.number},{_local(w.issued_at)}" for w in earlier) or None,
        infos=(_info(warning, "zh", areas, at), _info(warning, "en", areas, at)),
    )
    try:
        own = house.check(alert)
        if own:
            raise cap.CapError(own)
        raw = cap.write(alert)
    except cap.CapError as refused:
        first = refused.findings[0]
        raise Invalid(
            code="warning.cap",
            zh=f"预警报文不符合CAP 1.2：{first.path} {first.zh}；请修改后再发。",
            en=f"The message breaks CAP 1.2: {refused}. Mend it and issue again.",
            field=first.path,
            value=first.en,
        ) from refused
    # An exercise carries no signature: nobody outside shall take it for ours, and the same seed gives the same journal.
    return (raw if warning.drill else message_signed(raw)).decode()


def sender_code(division: str, issuer_kind: str) -> str:
    """The 14-digit issuer code of GB/T 35965.1: 6 division, 3 sector, 3 unit, 2 extension (sectors: mark G)."""
    return codes.to6(division) + {"weather": "41600000", "government": "00000000", "command": "00000001"}[issuer_kind]


def issuer_label(issuer_kind: str, name_zh: str, name_en: str) -> dict[str, str]:
    """{"zh", "en"} of the issuing body of a division, as messages and boards show it."""
    kind = choices.ISSUER_KINDS[issuer_kind]
    return {"zh": f"{name_zh}{kind.zh}", "en": f"{name_en} {kind.en}".strip()}


def _issuer(warning: Warning, language: str) -> str:
    name = division_names([warning.division]).get(warning.division, {"zh": "", "en": ""})
    return issuer_label(warning.issuer_kind, name["zh"], name["en"])[language]


def _local(moment: datetime) -> str:
    return cap.instant_text(moment.astimezone(clock.BEIJING))


def _drill_note() -> str:
    state = drill_state()
    return f"EXERCISE 演练 {state.scenario}" if state is not None else "EXERCISE 演练"


def _info(warning: Warning, language: str, areas: Sequence[Mapping[str, Any]], at: datetime) -> cap.Info:
    hazard = choices.HAZARDS[warning.hazard]
    start = max(warning.effective, at)
    return cap.Info(
        language="zh-CN" if language == "zh" else "en",
        categories=(CATEGORIES.get(warning.hazard[:3], "Other"),),
        event=getattr(hazard, language),
        urgency=URGENCY[warning.colour],
        severity=SEVERITY[warning.colour],
        certainty="Likely",
        headline=getattr(warning, f"headline_{language}"),
        description=getattr(warning, f"description_{language}"),
        instruction=getattr(warning, f"instruction_{language}"),
        effective=_local(start),
        expires=_local(max(warning.expires, start)),
        responses=RESPONSES[warning.colour],
        event_codes=(cap.Coded("GB/T35965.1", warning.hazard),),
        sender_name=_issuer(warning, language),
        parameters=(cap.Coded("colour", warning.colour), cap.Coded("issuerKind", warning.issuer_kind)),
        areas=tuple(
            cap.Area(
                area[language],
                polygons=tuple(map(geometry.ring_text, area["rings"])),
                circles=area["circles"],
                geocodes=area["geocodes"],
            )
            for area in areas
        ),
    )


def _areas(warning: Warning) -> list[dict[str, Any]]:
    area, names = warning.area, division_names(warning.area)
    if warning.outline is not None:
        return [_outlined(warning.outline, area, names)]
    outlines = dict(Boundary.objects.filter(division_id__in=list(area)).values_list("division_id", "geojson"))
    return [
        {
            **names.get(code, {"zh": code, "en": code}),
            "rings": rings_of(outlines[code]) if code in outlines else (),
            "circles": (),
            "geocodes": _geocodes(code),
        }
        for code in area
    ]


def _outlined(
    outline: Mapping[str, Any], area: Sequence[str], names: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """A drawn area: its own polygons and circles, with the geocodes of the divisions that are called for it."""
    rings, circles = cap_shapes(outline)
    given = (outline.get("properties") or {}).get("name")
    own = given if isinstance(given, Mapping) else {}
    places = {language: _listed(names, area, language) for language in ("zh", "en")}
    zh, en = own.get("zh") or "划定范围", own.get("en") or "Outlined area"
    return {
        "zh": f"{zh}（涉及{places['zh']}）",
        "en": f"{en} ({places['en']})",
        "rings": rings,
        "circles": tuple(f"{lat:.5f},{lon:.5f} {km:g}" for lon, lat, km in circles),
        "geocodes": tuple(dict.fromkeys(one for code in area for one in _geocodes(code))),
    }


def _listed(names: Mapping[str, Mapping[str, str]], area: Sequence[str], language: str) -> str:
    found = [names[code][language] if code in names else code for code in area]
    mark, more = ("、", f"等{len(found)}处") if language == "zh" else (", ", f" and {len(found) - MOST_NAMED} more")
    return mark.join(found[:MOST_NAMED]) + (more if len(found) > MOST_NAMED else "")


def _geocodes(code: str) -> tuple[cap.Coded, ...]:
    """GB/T 2260 for county and above; a township or village keeps its own code, or the whole county would be called."""
    if len(code) <= codes.LENGTHS[codes.COUNTY]:
        return (cap.Coded("GB/T2260", codes.to6(code)),)
    return (
        (cap.Coded("GB/T10114", codes.to9(code)),)
        if len(code) == codes.LENGTHS[codes.TOWNSHIP]
        else (cap.Coded("stats12", codes.to12(code)),)
    )


def rings_of(geojson: Mapping[str, Any]) -> tuple[Ring, ...]:
    """The outer rings of a (multi)polygon, thinned, at five decimals, closed; islands and slivers included."""
    body = make_valid(shape(geojson).simplify(TOLERANCE_DEG))
    parts = [part for part in getattr(body, "geoms", [body]) if part.geom_type in {"Polygon", "MultiPolygon"}]
    polygons = [p for part in parts for p in getattr(part, "geoms", [part])]
    rings = []
    for polygon in polygons:
        points = tuple((round(x, 5), round(y, 5)) for x, y, *_ in polygon.exterior.coords)
        if len(points) >= 4 and points[0] == points[-1]:
            rings.append(points)
    return tuple(rings)
