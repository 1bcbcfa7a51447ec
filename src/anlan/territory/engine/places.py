"""The places of one township: reservoirs, tunnels, metro stations, schools, care homes, hospitals, chemical plants.

Named places and hospitals keep their names; all others are named after their township or one of its villages and
carry `generated: true`. Every figure here is an editable assumption (mark G) unless the named place brings its own.
"""

from __future__ import annotations

from anlan.kernel.ids import draw
from anlan.territory.codes import PREFECTURE
from anlan.territory.engine.authority import called, city_of, commander_of, has_department, seat_of
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
    "shelter": ("shelter_head", "责任人", "head", "site_safety"),
    "depot": ("depot_keeper", "管理员", "keeper", "store"),
    "bridge": ("bridge_duty", "责任人", "duty", "stop_line"),
    "hazard_point": ("hazard_point_guard", "监测责任人", "guard", "hazard_watch"),
    "fire_station": ("team_leader", "值班站长", "leader on duty", "team"),
    "monitoring_station": ("department_duty", "值守员", "duty", "department"),
}
# Which department a kind of site belongs to, by the government above; every other kind is an organisation of its own.
SITE_DEPARTMENTS = {"reservoir": "water", "bridge": "transport", "hazard_point": "natural_resources",
                    "monitoring_station": "water", "shelter": "emergency", "depot": "emergency"}  # fmt: skip
SUPERIORS = {"tunnel": "city_management", "hospital": "health", "chemical_plant": "emergency", "depot": "emergency",
             "bridge": "transport", "hazard_point": "natural_resources", "fire_station": "emergency",
             "monitoring_station": "water"}  # fmt: skip
LABELS = {
    "tunnel": ("下穿隧道", "Underpass"),
    "metro_station": ("地铁站", "Metro Station"),
    "care_home": ("养老院", "Care Home"),
    "hospital": ("医院", "Hospital"),
    "chemical_plant": ("化工厂", "Chemical Plant"),
    "shelter": ("避难场所", "Shelter"),
    "depot": ("应急物资库", "Depot"),
    "bridge": ("桥", "Bridge"),
    "hazard_point": ("隐患点", "Hazard Point"),
    "fire_station": ("消防救援站", "Fire Station"),
    "monitoring_station": ("监测站", "Monitoring Station"),
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
    zh, en = called(township)
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
    label_zh, label_en = LABELS[kind]
    return f"{zh}{number}号{label_zh}", f"{en} {label_en} No. {number}"


def _stem(unit: Unit) -> tuple[str, str]:
    zh, en = called(unit)
    return zh.removesuffix("村") or zh, en.removesuffix(" Village")


def _organisation(world: World, kind: str, code: str) -> str | None:
    city, county = city_of(world, code[1:10]), seat_of(world, code[1:10])
    department = SITE_DEPARTMENTS.get(kind, "")
    if department and has_department(world, county, department):
        return f"{county.code}.department.{department}"
    if kind in ("tunnel", "metro_station") and city.level == PREFECTURE:
        return f"{city.code}.tunnels" if kind == "tunnel" else f"{city.code}.metro"
    return f"{code}.site"


def _reservoir_posts(world: World, part: Part, place: PlaceRow, township: Unit) -> None:
    """Add the three responsible posts. The administrative one is held by the township head (small reservoirs) or by
    the city's deputy commander for water (all others): same people, same telephones."""
    small = str(place.attributes["class"]).startswith("small")
    city, county = city_of(world, township.code), seat_of(world, township.code)
    superior = commander_of(county if small else city)
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
        same_as = (f"{township.code}.head" if small else f"{city.code}.deputy.2") if key == "admin" else None
        staff(world, part, post, f"reservoir_{key}", same_as=same_as)
        superior = post.code


def _site_post(world: World, part: Part, place: PlaceRow) -> None:
    role, zh, en, duty = SITE_POSTS[place.kind]
    superior = _site_superior(world, place)
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


def _site_superior(world: World, place: PlaceRow) -> str:
    """Return the post above a site's: a department's desk where there is one, else the township's."""
    city, county = city_of(world, place.division), seat_of(world, place.division)
    if place.kind == "metro_station" and city.level == PREFECTURE:
        return f"{city.code}.metro_control"
    department = SUPERIORS.get(place.kind, "")
    above = city if place.kind in ("tunnel", "metro_station") else county
    if department and has_department(world, above, department):
        return f"{above.code}.department.{department}"
    return f"{place.division}.duty"
