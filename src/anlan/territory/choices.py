"""Codes of this stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """One code of a list: what is stored, what is shown in each language, and the colour of its mark."""

    code: str
    zh: str
    en: str
    colour: str = "#5b6770"


def indexed(*choices: Choice) -> dict[str, Choice]:
    """Return code → choice, in the order given."""
    return {choice.code: choice for choice in choices}


DIVISION_KINDS = indexed(
    Choice("province", "省", "Province"),
    Choice("prefecture", "地级市", "Prefecture city"),
    Choice("placeholder", "省直辖", "Directly under the province"),
    Choice("district", "市辖区", "District"),
    Choice("county", "县", "County"),
    Choice("county_city", "县级市", "County-level city"),
    Choice("functional_zone", "功能区", "Functional zone"),
    Choice("subdistrict", "街道", "Subdistrict"),
    Choice("town", "镇", "Town"),
    Choice("township", "乡", "Township"),
    Choice("quasi", "类似乡级单位", "Township-like unit"),
    Choice("community", "社区", "Community"),
    Choice("village", "村", "Village"),
)

ORGANISATION_KINDS = indexed(
    Choice("command", "防汛抗旱指挥部", "Flood command"),
    Choice("urban_command", "城市防汛指挥部", "Urban flood command"),
    Choice("weather", "气象台", "Weather station"),
    Choice("department", "部门", "Department"),
    Choice("government", "乡镇政府/街道办", "Township government"),
    Choice("committee", "村（居）委会", "Village committee"),
    Choice("operator", "运营单位", "Operator"),
    Choice("site", "单位", "Site"),
    Choice("rescue_team", "救援队伍", "Rescue team"),
    Choice("social_team", "社会救援力量", "Social rescue team"),
)

POST_ROLES = indexed(
    Choice("province_duty", "省防指值班", "Province duty desk", "#4a5568"),
    Choice("city_commander", "市指挥长", "City commander", "#8c1c3a"),
    Choice("city_deputy", "市副指挥长", "City deputy commander", "#a53f5c"),
    Choice("city_duty", "市防指值班", "City duty desk", "#4a5568"),
    Choice("county_commander", "县指挥长", "County commander", "#8c1c3a"),
    Choice("county_deputy", "县副指挥长", "County deputy commander", "#a53f5c"),
    Choice("county_duty", "县防指值班", "County duty desk", "#4a5568"),
    Choice("weather_issuer", "气象台发布岗", "Warning issuer", "#2a6f97"),
    Choice("department_duty", "部门值班", "Department duty", "#52606d"),
    Choice("township_head", "乡镇防汛责任人", "Township head", "#7a4b00"),
    Choice("township_duty", "乡镇值班", "Township duty desk", "#52606d"),
    Choice("village_head", "村防汛责任人", "Village head", "#7a4b00"),
    Choice("village_officer", "灾害信息员", "Disaster information officer", "#2f6b3c"),
    Choice("reservoir_admin", "水库行政责任人", "Reservoir: administration", "#1f5f8b"),
    Choice("reservoir_technical", "水库技术责任人", "Reservoir: technical", "#1f5f8b"),
    Choice("reservoir_patrol", "水库巡查责任人", "Reservoir: patrol", "#1f5f8b"),
    Choice("tunnel_duty", "隧道值守岗", "Tunnel duty", "#5a4a78"),
    Choice("metro_control", "地铁控制中心", "Metro control", "#5a4a78"),
    Choice("metro_station_duty", "车站值班", "Metro station duty", "#5a4a78"),
    Choice("school_head", "学校负责人", "School head", "#6b6b00"),
    Choice("care_home_head", "养老机构负责人", "Care home head", "#6b6b00"),
    Choice("hospital_duty", "医院总值班", "Hospital duty", "#00696b"),
    Choice("plant_safety", "企业安全负责人", "Plant safety manager", "#7d3c00"),
    Choice("safety_guide", "安全劝导员", "Safety guide", "#2f6b3c"),
    Choice("hazard_point_guard", "隐患点责任人", "Hazard point guard", "#7a4b00"),
    Choice("bridge_duty", "桥梁责任人", "Bridge duty", "#5a4a78"),
    Choice("depot_keeper", "物资库管理员", "Depot keeper", "#52606d"),
    Choice("shelter_head", "避难场所责任人", "Shelter head", "#2f6b3c"),
    Choice("team_leader", "救援队负责人", "Team leader", "#1f5f8b"),
)

PLACE_KINDS = indexed(
    Choice("reservoir", "水库", "Reservoir", "#1f6fb2"),
    Choice("tunnel", "下穿隧道", "Road tunnel", "#6b5b95"),
    Choice("metro_station", "地铁站", "Metro station", "#4b3f8f"),
    Choice("school", "学校", "School", "#8a7a00"),
    Choice("care_home", "养老机构", "Care home", "#a0522d"),
    Choice("hospital", "医院", "Hospital", "#00797b"),
    Choice("chemical_plant", "危化企业", "Chemical plant", "#b35900"),
    Choice("shelter", "避难场所", "Shelter", "#2f6b3c"),
    Choice("depot", "物资库", "Depot", "#52606d"),
    Choice("bridge", "桥梁", "Bridge", "#6b5b95"),
    Choice("hazard_point", "地质灾害隐患点", "Geological hazard point", "#7a4b00"),
    Choice("fire_station", "消防救援站", "Fire station", "#8c1c3a"),
    Choice("monitoring_station", "监测站", "Monitoring station", "#1f6fb2"),
)

DUTY_KINDS = indexed(
    Choice("command", "指挥", "Command"),
    Choice("desk", "值班值守", "Duty desk"),
    Choice("warning_issue", "预警发布", "Issuing warnings"),
    Choice("department", "部门职责", "Department duty"),
    Choice("township_flood", "乡镇防汛", "Township flood duty"),
    Choice("village_flood", "村级防汛与转移", "Village flood duty and evacuation"),
    Choice("village_report", "灾情报告", "Disaster reporting"),
    Choice("reservoir_admin", "水库行政责任", "Reservoir: administration"),
    Choice("reservoir_technical", "水库技术责任", "Reservoir: technical"),
    Choice("reservoir_patrol", "水库巡查责任", "Reservoir: patrol"),
    Choice("stop_line", "停运封控", "Stop and close"),
    Choice("site_safety", "单位安全", "Site safety"),
    Choice("guide", "安全劝导", "Safety guiding"),
    Choice("hazard_watch", "隐患点监测", "Watching a hazard point"),
    Choice("store", "物资保管", "Keeping stores"),
    Choice("team", "队伍值守", "Team on call"),
)

UNIT_SIZES = indexed(
    Choice("individual", "个体", "Self-employed"),
    Choice("micro", "微型", "Micro"),
    Choice("small", "小型", "Small"),
    Choice("medium", "中型", "Medium"),
    Choice("large", "大型", "Large"),
)

UNIT_STATES = indexed(
    Choice("open", "在营", "Operating"),
    Choice("suspended", "停业", "Suspended"),
    Choice("stopped", "停产整顿", "Stopped by order"),
    Choice("closed", "注销", "Closed"),
)

# The order is the order of the bits in Unit.flags: append only.
RISK_FLAGS = indexed(
    Choice("hazchem", "危险化学品", "Hazardous chemicals"),
    Choice("mine", "矿山", "Mine"),
    Choice("fireworks", "烟花爆竹", "Fireworks"),
    Choice("smelting", "金属冶炼", "Metal smelting"),
    Choice("dust", "粉尘涉爆", "Explosive dust"),
    Choice("ammonia", "涉氨制冷", "Ammonia refrigeration"),
    Choice("confined", "有限空间", "Confined spaces"),
    Choice("construction", "建筑施工", "Construction"),
    Choice("transport", "道路运输", "Road transport"),
    Choice("gas", "燃气", "Gas"),
    Choice("crowded", "人员密集场所", "Crowded place"),
    Choice("three_in_one", "三合一场所", "Dwelling in the workshop"),
    Choice("labour", "劳动密集型", "Labour-intensive"),
)

STANDARD_GRADES = indexed(
    Choice("0", "未达标", "None"),
    Choice("1", "一级", "Grade 1"),
    Choice("2", "二级", "Grade 2"),
    Choice("3", "三级", "Grade 3"),
)

CREDIT_GRADES = indexed(
    Choice("A", "A", "A", "#2f6b3c"), Choice("B", "B", "B"), Choice("C", "C", "C"), Choice("D", "D", "D", "#8c1c3a")
)

HAZARD_GRADES = indexed(
    Choice("0", "无", "None"),
    Choice("1", "一级", "Grade 1"),
    Choice("2", "二级", "Grade 2"),
    Choice("3", "三级", "Grade 3"),
    Choice("4", "四级", "Grade 4"),
)

LICENCE_KINDS = indexed(
    Choice("work_safety", "安全生产许可证", "Work safety licence"),
    Choice("hazchem_use", "危险化学品安全使用许可证", "Hazardous chemicals use licence"),
    Choice("hazchem_trade", "危险化学品经营许可证", "Hazardous chemicals trade licence"),
    Choice("fireworks", "烟花爆竹经营许可证", "Fireworks licence"),
    Choice("gas", "燃气经营许可证", "Gas licence"),
    Choice("transport", "道路运输经营许可证", "Road transport licence"),
    Choice("food", "食品经营许可证", "Food licence"),
    Choice("mining", "采矿许可证", "Mining licence"),
)

LICENCE_STATES = indexed(
    Choice("valid", "有效", "Valid"),
    Choice("renewed", "已换证", "Renewed"),
    Choice("revoked", "吊销", "Revoked"),
    Choice("expired", "过期", "Expired", "#8c1c3a"),
)

PLACE_STATES = indexed(
    Choice("active", "在用", "In use"), Choice("closed", "停用", "Closed"), Choice("merged", "已合并", "Merged")
)
PERSON_STATES = indexed(
    Choice("active", "在岗", "Active"),
    Choice("left", "离岗", "Left"),
    Choice("merged", "已合并", "Merged"),
    Choice("purged", "已清除", "Purged"),
)
HOLDERS = indexed(Choice("A", "A角", "A holder"), Choice("B", "B角", "B holder"))

# Where a point on the map comes from; everything that starts with "est_" is an estimate and is shown as one.
COORDINATE_SOURCES = indexed(
    Choice("amap_center", "政府驻地", "Seat of government"),
    Choice("geonames", "地名库", "Gazetteer"),
    Choice("polygon", "轮廓内心", "Centre of the outline"),
    Choice("osm", "开放街图", "OpenStreetMap"),
    Choice("approx", "约略位置", "Approximate"),
    Choice("est_seat", "估计（驻地周边）", "Estimated (round the seat)"),
    Choice("est_fill", "估计（轮廓内均布）", "Estimated (spread in the outline)"),
    Choice("est_zone", "估计（功能区）", "Estimated (zone)"),
    Choice("est_known", "估计（约略方位）", "Estimated (rough position)"),
    Choice("est_village", "估计（村）", "Estimated (village)"),
    Choice("est_site", "估计（单位）", "Estimated (site)"),
)

DEPARTMENTS = indexed(
    Choice("housing", "住房和城乡建设局", "Housing and Construction Bureau"),
    Choice("city_management", "城市管理局", "City Management Bureau"),
    Choice("transport", "交通运输局", "Transport Bureau"),
    Choice("education", "教育局", "Education Bureau"),
    Choice("water", "水利局", "Water Bureau"),
    Choice("traffic_police", "公安交通警察支队", "Traffic Police"),
    Choice("health", "卫生健康委员会", "Health Commission"),
    Choice("civil_affairs", "民政局", "Civil Affairs Bureau"),
    Choice("emergency", "应急管理局", "Emergency Management Bureau"),
    Choice("communications", "通信管理办公室", "Communications Office"),
    Choice("industry", "工业和信息化局", "Industry and Information Bureau"),
    Choice("commerce", "商务局", "Commerce Bureau"),
    Choice("market", "市场监督管理局", "Market Regulation Bureau"),
    Choice("agriculture", "农业农村局", "Agriculture Bureau"),
    Choice("natural_resources", "自然资源和规划局", "Natural Resources Bureau"),
    Choice("ecology", "生态环境局", "Ecology and Environment Bureau"),
    Choice("culture", "文化和旅游局", "Culture and Tourism Bureau"),
    Choice("sports", "体育局", "Sports Bureau"),
    Choice("development", "发展和改革委员会", "Development and Reform Commission"),
    Choice("grain", "粮食和物资储备局", "Grain and Reserves Bureau"),
    Choice("science", "科学技术局", "Science and Technology Bureau"),
    Choice("finance", "地方金融管理局", "Local Finance Bureau"),
    Choice("post", "邮政管理局", "Post Bureau"),
    Choice("tobacco", "烟草专卖局", "Tobacco Bureau"),
    Choice("police", "公安局", "Public Security Bureau"),
)

LISTS: dict[str, dict[str, Choice]] = {
    "division_kind": DIVISION_KINDS,
    "organisation_kind": ORGANISATION_KINDS,
    "post_role": POST_ROLES,
    "place_kind": PLACE_KINDS,
    "duty_kind": DUTY_KINDS,
    "coordinate_source": COORDINATE_SOURCES,
}


def pairs(table: dict[str, Choice]) -> list[tuple[str, str]]:
    """Return (code, English label) pairs for a model field."""
    return [(choice.code, choice.en) for choice in table.values()]


def name(table: dict[str, Choice], code: str) -> dict[str, str]:
    """Return {"zh", "en"} of a code; an unknown code shows as itself, not as an error on a duty screen."""
    choice = table.get(code)
    return {"zh": choice.zh, "en": choice.en} if choice else {"zh": code, "en": code}
