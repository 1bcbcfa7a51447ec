"""Codes of reporting: kinds, forms, kinds of disaster in the statistics."""

from __future__ import annotations

from anlan.territory.choices import Choice, indexed

# 报告种类. 核报 has two meanings, kept apart: `verified` is the final verified return, `recheck` the answer to a superior
# who asked to verify.
REPORT_KINDS = indexed(
    Choice("first", "首报", "First report"),
    Choice("follow", "续报", "Follow-up"),
    Choice("final", "终报", "Final report"),
    Choice("correction", "补报", "Correction"),
    Choice("zero", "零报告", "Zero report"),
    Choice("verified", "核报（核定）", "Verified return"),
    Choice("recheck", "核报（核实）", "Answer to a verification"),
    Choice("public", "首次发布", "First public information"),
    Choice("press", "新闻发布会", "Press conference"),
    Choice("investigation", "调查报告", "Investigation report"),
    Choice("approval", "批复", "Decision"),
    Choice("evaluation", "整改评估", "Evaluation"),
)
# In disaster statistics the same places in the series bear other names (初报、续报、核报).
DISASTER_KINDS = indexed(
    Choice("first", "初报", "Initial return"),
    Choice("follow", "续报", "Continued return"),
    *(REPORT_KINDS[code] for code in ("zero", "correction", "verified", "recheck")),
)
REPORT_FORMS = indexed(
    Choice("written", "书面", "Written"), Choice("phone", "电话", "Telephone"), Choice("any", "不限", "Any form")
)
REPORT_CHANNELS = indexed(
    Choice("platform", "平台", "Platform"),
    Choice("phone", "电话", "Telephone"),
    Choice("fax", "传真", "Fax"),
    Choice("radio", "电台", "Radio"),
    Choice("satellite", "卫星", "Satellite"),
)

# 自然灾害情况统计调查制度：统计灾种
DISASTER_TYPES = indexed(
    Choice("flood", "洪涝", "Flood"),
    Choice("drought", "干旱", "Drought"),
    Choice("typhoon", "台风", "Typhoon"),
    Choice("hail_wind", "风雹", "Wind and hail"),
    Choice("cold", "低温冷冻", "Cold and frost"),
    Choice("snow", "雪灾", "Snow"),
    Choice("sandstorm", "沙尘暴", "Sandstorm"),
    Choice("earthquake", "地震", "Earthquake"),
    Choice("collapse", "崩塌", "Rock fall"),
    Choice("landslide", "滑坡", "Landslide"),
    Choice("debris_flow", "泥石流", "Debris flow"),
    Choice("storm_surge", "风暴潮", "Storm surge"),
    Choice("tsunami", "海啸", "Tsunami"),
    Choice("forest_fire", "森林草原火灾", "Forest or grassland fire"),
    Choice("biological", "重大生物灾害", "Serious biological disaster"),
)
DISASTER_STATES = indexed(
    Choice("open", "灾情发展", "Developing"),
    Choice("stable", "灾情稳定", "Stable"),
    Choice("closed", "已核定", "Verified and closed"),
)
DUTY_STATES = indexed(
    Choice("owed", "应报", "Owed"),
    Choice("met", "已报", "Reported"),
    Choice("breached", "逾期未报", "Not sent in time"),
    Choice("late", "逾期补报", "Sent late"),
)
DIFFERENCE_STATES = indexed(
    Choice("open", "未说明", "Not explained"),
    Choice("explained", "已说明", "Explained"),
    Choice("gone", "已一致", "Agree again"),
)
