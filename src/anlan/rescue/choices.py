"""Codes of the rescue stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from anlan.territory.choices import Choice, name

__all__ = ["KINDS", "MEMBER_STATES", "SKILLS", "SUBJECTS", "Choice", "name"]

# 突发事件应对法（2024修订）第三十九条
KINDS = {
    choice.code: choice
    for choice in (
        Choice("fire", "国家综合性消防救援队伍", "Fire and rescue service", "#8c1c3a"),
        Choice("professional", "专业应急救援队伍", "Professional team", "#1f5f8b"),
        Choice("social", "社会应急力量", "Social team", "#2f6b3c"),
        Choice("grassroots", "基层应急救援队伍", "Township team", "#7a4b00"),
        Choice("enterprise", "单位专兼职队伍", "Enterprise team", "#52606d"),
    )
}
# 山东省突发事件应急保障条例第二十九条
SUBJECTS = {
    choice.code: choice
    for choice in (
        Choice("flood", "防汛抗旱", "Flood and drought"),
        Choice("earthquake", "防震减灾", "Earthquake"),
        Choice("forest_fire", "森林防灭火", "Forest fire"),
        Choice("works", "工程抢险", "Engineering works"),
        Choice("safety", "安全生产", "Work safety"),
        Choice("environment", "环境保护", "Environment"),
        Choice("traffic", "道路交通", "Road traffic"),
        Choice("water_rescue", "水上搜救", "Water rescue"),
        Choice("air", "航空救援", "Air rescue"),
        Choice("health", "公共卫生", "Public health"),
        Choice("utilities", "公用事业", "Utilities"),
        Choice("general", "综合", "General"),
    )
}
MEMBER_STATES = {
    choice.code: choice
    for choice in (
        Choice("present", "在位", "Present"),
        Choice("duty", "执勤", "On duty"),
        Choice("rest", "轮休", "Off"),
        Choice("standby", "备勤", "Standby"),
    )
}
SKILLS = {
    choice.code: choice
    for choice in (
        Choice("first_aid", "急救", "First aid"),
        Choice("boat", "舟艇驾驶", "Boat handling"),
        Choice("rope", "绳索救援", "Rope rescue"),
        Choice("diving", "潜水", "Diving"),
        Choice("drone", "无人机", "Drone"),
        Choice("radio", "通信", "Radio"),
        Choice("driving", "驾驶", "Driving"),
        Choice("machinery", "机械操作", "Machinery"),
    )
}
