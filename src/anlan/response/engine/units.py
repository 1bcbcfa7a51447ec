"""The units a plan may name (成员单位): departments of the territory's list, and those that stand outside it."""

from __future__ import annotations

from anlan.response.engine.text import Words
from anlan.territory.choices import DEPARTMENTS, POST_ROLES

OTHERS = {
    "government_office": Words("市政府办公室", "Government Office"),
    "publicity": Words("党委宣传部", "Publicity Department"),
    "cyberspace": Words("网信办", "Cyberspace Office"),
    "fire_rescue": Words("消防救援支队", "Fire and Rescue"),
    "weather": Words("气象局", "Weather Bureau"),
    "seismic": Words("防震减灾（地震）部门", "Earthquake Service"),
    "hydrology": Words("水文机构", "Hydrology Service"),
    "forestry": Words("林业局", "Forestry Bureau"),
    "treasury": Words("财政局", "Finance Bureau"),
    "human_resources": Words("人力资源和社会保障局", "Human Resources Bureau"),
    "broadcasting": Words("广播电视局", "Broadcasting Bureau"),
    "armed_police": Words("武警支队", "Armed Police"),
    "garrison": Words("军分区（民兵）", "Garrison and Militia"),
    "power_grid": Words("供电公司", "Power Grid Company"),
    "telecom": Words("电信运营企业和铁塔公司", "Telecom Operators"),
    "gas_company": Words("燃气经营企业", "Gas Company"),
    "water_company": Words("供水企业", "Water Company"),
    "heating_company": Words("供热企业", "Heating Company"),
    "metro_operator": Words("轨道交通运营单位", "Metro Operator"),
    "highway": Words("高速公路管理单位", "Expressway Company"),
    "railway": Words("铁路单位", "Railway"),
    "airport": Words("机场和民航单位", "Airport"),
    "maritime": Words("地方海事机构", "Local Maritime Agency"),
    "mine_rescue": Words("矿山救护队", "Mine Rescue Team"),
    "hazchem_team": Words("危险化学品专业救援队", "Hazchem Rescue Team"),
    "red_cross": Words("红十字会", "Red Cross"),
    "unions": Words("总工会", "Trade Unions"),
    "youth_league": Words("共青团（志愿服务）", "Youth League (volunteers)"),
    "social_teams": Words("社会应急力量", "Social Rescue Teams"),
    "experts": Words("应急专家组", "Expert Group"),
    "site_unit": Words("事发单位", "The Unit Concerned"),
    "county_government": Words("事发地县（市、区）政府", "County Government"),
    "township_government": Words("乡镇政府、街道办事处", "Township Government"),
    "insurance": Words("保险机构", "Insurers"),
}


def unit_name(code: str) -> Words | None:
    """Return the name of a unit: a department, a post role, or one of the others; None when nobody is called so."""
    if code in OTHERS:
        return OTHERS[code]
    found = DEPARTMENTS.get(code) or POST_ROLES.get(code)
    return Words(found.zh, found.en) if found else None


def owner_name(role: str, department: str = "") -> Words:
    """Return the name of who carries a task: the department's duty desk, or the role; an unknown one as it is written."""
    if department:
        unit = unit_name(department) or Words(department, department)
        return Words(unit.zh + "值班岗", f"{unit.en} duty desk")
    return unit_name(role) or Words(role, role)
