"""Codes of a bureau's own rules, with Chinese and English label."""

from __future__ import annotations

from anlan.territory.choices import Choice, indexed

RULE_KINDS = indexed(
    Choice("grade", "分级标准", "Grading table"),
    Choice("clock", "报告时限", "Report clocks"),
)
RULE_STATES = indexed(
    Choice("draft", "待批准", "Waits for approval"),
    Choice("in_force", "已批准", "Approved"),
    Choice("dropped", "未采用", "Not taken"),
    Choice("withdrawn", "已撤回", "Taken back"),
)
# What a figure or row stands on: read in its source, a default to be confirmed, or the bureau's own.
MARKS = indexed(
    Choice("S", "有出处", "Read in the source"),
    Choice("G", "默认值，可修改", "Editable default, to be confirmed"),
    Choice("L", "本级规定", "The bureau's own"),
)
TOPICS = indexed(
    Choice("unit_first", "事故单位首报", "First report of the unit concerned"),
    Choice("site_direct", "现场人员直接报告", "People on the spot, straight up"),
    Choice("authority_first", "事故首报", "First report of the authority"),
    Choice("accident_follow", "事故续报", "Follow-ups on an accident"),
    Choice("province_state", "省级报中央", "Province to the centre"),
    Choice("correction", "伤亡变化补报", "Changed casualties"),
    Choice("investigation", "调查报告", "Investigation report"),
    Choice("approval", "调查报告批复", "Decision on the investigation"),
    Choice("evaluation", "整改评估", "Evaluation of the measures"),
    Choice("public_first", "首次信息发布", "First word to the public"),
    Choice("press", "新闻发布会", "Press conference"),
    Choice("works_first", "防汛险情首报", "Danger at flood works"),
    Choice("disaster_first", "灾情初报", "First return of a disaster"),
    Choice("disaster_serious", "灾情直报", "Grave returns, straight up"),
    Choice("disaster_zero_county", "县级每日报告", "Daily return of counties"),
    Choice("disaster_zero_city", "市级每日报告", "Daily return of cities"),
    Choice("response_zero", "响应期间每日报告", "Daily return during a response"),
    Choice("verified_county", "县级核报", "Verified return of counties"),
    Choice("verified_city", "市级核报", "Verified return of cities"),
    Choice("verified_province", "省级核报", "Verified return of the province"),
)
