"""Codes of the risk stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from anlan.territory.choices import Choice, name

__all__ = ["CATEGORIES", "QUALITY", "TYPES", "Choice", "name"]

# Categories of the national survey (自然灾害综合风险普查).
CATEGORIES = {
    choice.code: choice
    for choice in (
        Choice("earthquake", "地震灾害", "Earthquake", "#7a4b00"),
        Choice("geology", "地质灾害", "Geological hazard", "#8a5a2b"),
        Choice("weather", "气象灾害", "Weather", "#2a6f97"),
        Choice("water", "水旱灾害", "Flood and drought", "#1f6fb2"),
        Choice("fire", "森林和草原火灾", "Forest and grass fire", "#a53f1c"),
        Choice("exposure", "承灾体", "Exposed things", "#52606d"),
        Choice("capacity", "综合减灾能力", "Capacity to cope", "#2f6b3c"),
        Choice("history", "历史灾害", "Past disasters", "#5a4a78"),
    )
}
QUALITY = {
    choice.code: choice
    for choice in (
        Choice("county", "县自检", "Checked by the county"),
        Choice("city", "市审核", "Checked by the city"),
        Choice("province", "省审定", "Accepted by the province"),
    )
}
TYPES = {
    choice.code: choice
    for choice in (
        Choice("fault", "活动断层调查点", "Active fault survey point"),
        Choice("site_class", "场地类别钻孔", "Site class borehole"),
        Choice("slide", "滑坡隐患点", "Slide"),
        Choice("subsidence", "地面塌陷隐患点", "Subsidence"),
        Choice("rainstorm", "暴雨致灾点", "Rainstorm point"),
        Choice("hail", "冰雹影响点", "Hail point"),
        Choice("dike", "堤防险工险段", "Weak stretch of dike"),
        Choice("sluice", "病险水闸", "Unsafe sluice"),
        Choice("waterlog", "易涝点", "Place that floods"),
        Choice("woodland", "林地可燃物样地", "Woodland fuel plot"),
        Choice("building", "房屋建筑", "Building"),
        Choice("road", "公路路段", "Road stretch"),
        Choice("public", "公共服务设施", "Public facility"),
        Choice("firm", "危化企业和加油站", "Chemical firm or filling station"),
        Choice("team", "应急队伍", "Team"),
        Choice("depot", "物资储备点", "Depot"),
        Choice("refuge", "避难场所", "Shelter"),
        Choice("household", "家庭抽样", "Household sample"),
        Choice("year", "年度灾害", "Disaster year"),
        Choice("major", "重大灾害", "Major disaster"),
    )
}
