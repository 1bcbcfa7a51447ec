"""Who commands and who is on duty: province desk, city, county, township and village posts with their superiors.

The chain of superiors is what a call climbs when nobody answers: village officer → township desk → township head →
county commander → city commander → province desk; village head → township head.
"""

from __future__ import annotations

from anlan.territory.choices import DEPARTMENTS
from anlan.territory.engine.authority import called, commander_of, governs, seat_of
from anlan.territory.engine.people import staff
from anlan.territory.engine.plan import Plan
from anlan.territory.engine.spec import OrganisationRow, Part, PostRow, Unit, World

# Deputies of the city command: what each one leads. The second one also answers for the middle-sized reservoirs.
CITY_DEPUTIES = (
    ("常务副指挥长", "executive deputy commander"),
    ("副指挥长（水利）", "deputy commander (water)"),
    ("副指挥长（城建）", "deputy commander (urban works)"),
)
COUNTY_DEPUTIES = (("常务副指挥长", "executive deputy commander"), ("副指挥长", "deputy commander"))
ISSUES_OWN_WARNINGS = {"county", "county_city"}


def province(world: World, unit: Unit) -> Part:
    """Make the province's duty desk: the top of every chain of calls here."""
    part = Part()
    command = _organisation(part, unit, "command", "防汛抗旱指挥部", "Flood Command")
    desk = _post(unit, "duty", "province_duty", "防汛值班员", "flood duty desk", command, None)
    staff(world, part, desk, "desk")
    return part


def city(world: World, unit: Unit) -> Part:
    """Make the city's two command bodies, its desk, departments, weather station and metro control."""
    part = Part()
    if not governs(unit):
        return part
    command = _organisation(part, unit, "command", "防汛抗旱指挥部", "Flood Command")
    urban = _organisation(part, unit, "urban_command", "城市防汛指挥部", "Urban Flood Command")
    head = _post(unit, "commander", "city_commander", "防汛指挥长", "flood commander", command, _above(world, unit))
    staff(world, part, head, "command")
    for number, (zh, en) in enumerate(CITY_DEPUTIES, start=1):
        body = urban if number == len(CITY_DEPUTIES) else command
        post = _post(unit, f"deputy.{number}", "city_deputy", "防汛" + zh, "flood " + en, body, head.code)
        staff(world, part, post, "command")
    desk = _post(unit, "duty", "city_duty", "防汛值班员", "flood duty desk", command, head.code)
    staff(world, part, desk, "desk")
    _weather(world, part, unit, desk.code)
    _departments(world, part, unit, world.profile.departments_city, desk.code)
    if "metro_station" in world.profile.sites:
        metro = _organisation(part, unit, "metro", "轨道交通运营单位", "Metro Operator", kind="operator")
        known = "transport" in world.profile.departments_city
        superior = f"{unit.code}.department.transport" if known else desk.code
        control = _post(unit, "metro_control", "metro_control", "地铁控制中心", "metro control", metro, superior)
        staff(world, part, control, "stop_line")
    if "tunnel" in world.profile.sites:
        _organisation(part, unit, "tunnels", "隧道综合管理养护中心", "Tunnel Maintenance Centre", kind="operator")
    return part


def county(world: World, unit: Unit) -> Part:
    """Make a county's command body, desk and departments; counties and county-level cities also issue warnings."""
    part = Part()
    if not governs(unit):
        return part
    command = _organisation(part, unit, "command", "防汛抗旱指挥部", "Flood Command")
    superior = _above(world, unit)
    head = _post(unit, "commander", "county_commander", "防汛指挥长", "flood commander", command, superior)
    staff(world, part, head, "command")
    for number, (zh, en) in enumerate(COUNTY_DEPUTIES, start=1):
        post = _post(unit, f"deputy.{number}", "county_deputy", "防汛" + zh, "flood " + en, command, head.code)
        staff(world, part, post, "command")
    desk = _post(unit, "duty", "county_duty", "防汛值班员", "flood duty desk", command, head.code)
    staff(world, part, desk, "desk")
    if unit.kind in ISSUES_OWN_WARNINGS:
        _weather(world, part, unit, desk.code)
    _departments(world, part, unit, world.profile.departments_county, desk.code)
    return part


def township(world: World, plan: Plan, unit: Unit) -> Part:
    """Make a township's head and duty desk; where no villages are known also its guides and information officers."""
    part = Part()
    office = "" if unit.kind == "quasi" else "办事处" if unit.kind == "subdistrict" else "人民政府"
    government = _organisation(part, unit, "government", office, "Government")
    superior = _above(world, unit)
    head = _post(unit, "head", "township_head", "防汛责任人", "flood head", government, superior)
    staff(world, part, head, "township_flood")
    desk = _post(unit, "duty", "township_duty", "防汛值班员", "flood duty desk", government, head.code)
    staff(world, part, desk, "desk")
    for number in range(1, plan.officers.get(unit.code, 0) + 1):
        key = f"officer.{number:02d}"
        post = _post(unit, key, "village_officer", "灾害信息员", "information officer", government, desk.code)
        single = plan.officer_single == post.code
        staff(world, part, post, "village_report", holders="A" if single else "AB")
    guides(world, plan, part, unit, government, head.code)
    return part


def guides(world: World, plan: Plan, part: Part, unit: Unit, organisation: str, superior: str) -> None:
    """Add the posts of safety guides (安全劝导员) of a village, or of a township without known villages."""
    for number in range(1, plan.guides.get(unit.code, 0) + 1):
        zh = f"安全劝导{number}岗"
        post = _post(unit, f"guide.{number:02d}", "safety_guide", zh, f"safety guide {number}", organisation, superior)
        staff(world, part, post, "guide", holders="A" if plan.guide_single == post.code else "AB")


def village(world: World, plan: Plan, unit: Unit) -> Part:
    """Make a village's flood head and its disaster information officer, who may be missing or have a second."""
    part = Part()
    zh, en = ("居民委员会", "Residents' Committee") if unit.kind == "community" else ("村民委员会", "Committee")
    code = f"{unit.code}.committee"
    name_zh, name_en = called(unit)
    base = name_zh.removesuffix("村") if unit.kind == "village" else name_zh
    part.organisations.append(OrganisationRow(code, base + zh, f"{name_en} {en}", "committee", unit.code))
    up = unit.code[:9]
    head = _post(unit, "head", "village_head", "防汛责任人", "flood head", code, f"{up}.head")
    staff(world, part, head, "village_flood")
    officer = _post(
        unit, "officer", "village_officer", "灾害信息员", "disaster information officer", code, f"{up}.duty"
    )
    first = "" if unit.code in plan.vacant else "A"
    second = "B" if unit.code in plan.with_second and first else ""
    staff(world, part, officer, "village_report", holders=first + second)
    guides(world, plan, part, unit, code, head.code)
    return part


def _above(world: World, unit: Unit) -> str:
    return commander_of(seat_of(world, unit.code))


def _weather(world: World, part: Part, unit: Unit, desk: str) -> None:
    station = _organisation(part, unit, "weather", "气象台", "Weather Station")
    issuer = _post(unit, "weather", "weather_issuer", "气象台发布岗", "weather warning issuer", station, desk)
    staff(world, part, issuer, "warning_issue")


def _departments(world: World, part: Part, unit: Unit, codes: tuple[str, ...], desk: str) -> None:
    for code in codes:
        names = DEPARTMENTS[code]
        key = f"department.{code}"
        organisation = _organisation(part, unit, key, names.zh, names.en, kind="department")
        zh, en = names.zh + "值班员", names.en + " duty"
        staff(world, part, _post(unit, key, "department_duty", zh, en, organisation, desk), "department")


def _organisation(part: Part, unit: Unit, key: str, zh: str, en: str, kind: str | None = None) -> str:
    code = f"{unit.code}.{key}"
    name_zh, name_en = called(unit)
    part.organisations.append(OrganisationRow(code, name_zh + zh, f"{name_en} {en}", kind or key, unit.code))
    return code


def _post(unit: Unit, key: str, role: str, zh: str, en: str, organisation: str, superior: str | None) -> PostRow:
    code = f"{unit.code}.{key}"
    name_zh, name_en = called(unit)
    return PostRow(code, name_zh + zh, f"{name_en} {en}", role, organisation, superior, None, unit.code)
