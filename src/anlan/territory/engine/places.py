"""The places of one township: reservoirs, tunnels, metro stations, schools, care homes, hospitals, chemical plants.

Named places and hospitals keep their names; all others are named after their township or one of its villages and
carry `generated: true`. Every figure here is an editable assumption (mark G) unless the named place brings its own.
"""

from __future__ import annotations

from anlan.kernel.ids import draw
from anlan.territory.engine.ground import scatter
from anlan.territory.engine.people import staff
from anlan.territory.engine.plan import Plan, site_code
from anlan.territory.engine.spec import OrganisationRow, Part, PlaceRow, PostRow, Unit, World
from anlan.territory.engine.works import works_attributes

# Who answers at a site: role, its name in zh and en, the kind of duty.
SITE_POSTS: dict[str, tuple[str, str, str, str]] = {
    "tunnel": ("tunnel_duty", "值守员", "duty", "stop_line"),
    "metro_station": ("metro_station_duty", "值班站长", "station duty", "stop_line"),
    "school": ("school_head", "安全负责人", "safety head", "site_safety"),
    "care_home": ("care_home_head", "负责人", "head", "site_safety"),
    "hospital": ("hospital_duty", "总值班", "duty desk", "site_safety"),
    "chemical_plant": ("plant_safety", "安全负责人", "safety manager", "site_safety"),
}
RESERVOIR_POSTS = (
    ("admin", "行政责任人", "administrative head"),
    ("technical", "技术责任人", "technical head"),
    ("patrol", "巡查责任人", "patrol head"),
)
SCHOOL_TYPES = (("小学", "Primary School"), ("初级中学", "Middle School"), ("幼儿园", "Kindergarten"))
SITE_REACH_KM = 2.0


def places(world: World, plan: Plan, township: Unit) -> Part:
    """Make all places of one township with their organisations, posts, people and duties."""
    part = Part()
    for kind in world.profile.sites:
        for number in range(1, plan.size(kind, township.code) + 1):
            place = _place(world, plan, township, kind, number)
            part.places.append(place)
            if place.organisation == f"{place.code}.site":
                part.organisations.append(
                    OrganisationRow(place.organisation, place.name_zh, place.name_en, "site", place.division)
                )
            if kind == "reservoir":
                _reservoir_posts(world, part, place, township)
            else:
                _site_post(world, part, place)
    return part


def _place(world: World, plan: Plan, township: Unit, kind: str, number: int) -> PlaceRow:
    code = site_code(kind, township.code, number)
    named = plan.named.get((kind, township.code), ())
    hospitals = plan.hospitals.get(township.code, ()) if kind == "hospital" else ()
    attributes = works_attributes(world, plan, township, kind, code)
    lon, lat = scatter(world, township, "site", code, reach_km=SITE_REACH_KM)
    attributes |= {"coord_src": "est_site", "generated": number > len(named) + len(hospitals)}
    if number <= len(named):
        known = named[number - 1]
        attributes |= {"coord_src": known.coord_src, **known.attributes}
        zh, en, lon, lat = known.name_zh, known.name_en, known.lon, known.lat
    elif number <= len(named) + len(hospitals):
        hospital = hospitals[number - 1 - len(named)]
        zh, en = hospital.name_zh, hospital.name_en
    else:
        zh, en = _generated_name(world, township, kind, code, number)
    return PlaceRow(code, kind, zh, en, lon, lat, _organisation(world, kind, code), attributes, township.code)


def _generated_name(world: World, township: Unit, kind: str, code: str, number: int) -> tuple[str, str]:
    zh, en = township.name_zh, township.name_en
    if kind == "reservoir":
        villages = [c for c in world.below.get(township.code, ()) if world.units[c].kind == "village"]
        if number <= len(villages):
            at = int(draw(world.seed, "reservoir", township.code) * len(villages)) + number
            zh, en = _stem(world.units[villages[at % len(villages)]])
            return f"{zh}水库", f"{en} Reservoir"
        return f"{zh}{number}号水库", f"{en} Reservoir No. {number}"
    if kind == "school":
        type_zh, type_en = SCHOOL_TYPES[int(draw(world.seed, "school", code) * len(SCHOOL_TYPES))]
        return f"{zh}第{number}{type_zh}", f"{en} {type_en} No. {number}"
    label_zh, label_en = {
        "tunnel": ("下穿隧道", "Underpass"),
        "metro_station": ("地铁站", "Metro Station"),
        "care_home": ("养老院", "Care Home"),
        "hospital": ("医院", "Hospital"),
        "chemical_plant": ("化工厂", "Chemical Plant"),
    }[kind]
    return f"{zh}{number}号{label_zh}", f"{en} {label_en} No. {number}"


def _stem(unit: Unit) -> tuple[str, str]:
    return unit.name_zh.removesuffix("村") or unit.name_zh, unit.name_en.removesuffix(" Village")


def _organisation(world: World, kind: str, code: str) -> str | None:
    city, county = world.profile.root, code[1:7]
    if kind == "reservoir":
        return f"{county}.department.water"
    if kind == "tunnel":
        return f"{city}.tunnels"
    if kind == "metro_station":
        return f"{city}.metro"
    return f"{code}.site"


def _reservoir_posts(world: World, part: Part, place: PlaceRow, township: Unit) -> None:
    """Add the three responsible posts. The administrative one is held by the township head (small reservoirs) or by
    the city's deputy commander for water (all others): same people, same telephones."""
    small = str(place.attributes["class"]).startswith("small")
    city = township.code[:4]
    superior = f"{township.code[:6]}.commander" if small else f"{city}.commander"
    for key, zh, en in RESERVOIR_POSTS:
        post = PostRow(
            f"{place.code}.{key}",
            place.name_zh + zh,
            f"{place.name_en} {en}",
            f"reservoir_{key}",
            place.organisation or "",
            superior,
            place.code,
            place.division,
        )
        same_as = (f"{township.code}.head" if small else f"{city}.deputy.2") if key == "admin" else None
        staff(world, part, post, f"reservoir_{key}", same_as=same_as)
        superior = post.code


def _site_post(world: World, part: Part, place: PlaceRow) -> None:
    role, zh, en, duty = SITE_POSTS[place.kind]
    city, county = world.profile.root, place.division[:6]
    superior = {
        "tunnel": f"{city}.department.city_management",
        "metro_station": f"{city}.metro_control",
        "hospital": f"{county}.department.health",
        "chemical_plant": f"{county}.department.emergency",
    }.get(place.kind, f"{place.division}.duty")
    organisation = place.organisation or ""
    post = PostRow(
        f"{place.code}.duty",
        place.name_zh + zh,
        f"{place.name_en} {en}",
        role,
        organisation,
        superior,
        place.code,
        place.division,
    )
    staff(world, part, post, duty)
