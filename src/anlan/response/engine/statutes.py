"""The laws, regulations and national plans a plan may cite, with the articles that are known here.

An item is written "67(6)" (Emergency Response Law), "YJ.18(2)" (statute, article, item), "SG.14" (an article that has
no items, or is cited whole) or "D.QUAKE12" (a document cited whole). What isn't in the table is refused, so that no
plan cites an article by a slip. An article listed with n items is cited by its item. `read` names those whose text was
read for the platform; of all others the number is general knowledge, and every citation of them says “to be confirmed”.
"""

from __future__ import annotations

from typing import NamedTuple

from anlan.response.engine.text import Words


class Statute(NamedTuple):
    """A law or regulation: its name with the year of its text, article → number of items (0: cited whole), and the
    articles whose text was read."""

    zh: str
    en: str
    articles: dict[int, int]
    read: frozenset[int] = frozenset()


def _whole(*numbers: int) -> dict[int, int]:
    return dict.fromkeys(numbers, 0)


_ERL_READ = frozenset((
    11, 12, 17, 18, 24, 26, 28, 33, 39, 40, 46, 58, 59, 61, 63, 64, 65, 66, 67, 71, 72, 73, 76, 77, 83, 84, 85, 86, 87, 92, 93, 94,
))  # fmt: skip
ERL = Statute(
    "《中华人民共和国突发事件应对法》（2024年修订）",
    "Emergency Response Law of the PRC (2024)",
    {66: 5, 67: 8, 73: 11}
    | _whole(11, 12, 17, 18, 24, 26, 28, 33, 39, 40, 46, 58, 59, 61, 63, 64, 65, 68, 70, 71, 72, 76, 77, 78, 81, 82)
    | _whole(83, 84, 85, 86, 87, 88, 89, 92, 93, 94),
    _ERL_READ,
)
STATUTES = {
    "AQ": Statute("《安全生产法》（2021年修正）", "Work Safety Law (2021)",
                  _whole(41, 65, 70, 80, 82, 83, 84, 85, 86), frozenset({41, 65, 70, 86})),
    "SG": Statute("《生产安全事故报告和调查处理条例》（国务院令第493号）",
                  "Regulations on Reporting and Investigating Work Accidents (Decree 493)",
                  _whole(3, 4, 9, 10, 11, 12, 13, 14, 15, 16, 19, 20, 29, 32, 33), frozenset({3, 9, 10, 11, 12, 13, 19, 20, 29, 32})),
    "YJ": Statute("《生产安全事故应急条例》（国务院令第708号）", "Regulations on Work Accident Emergencies (Decree 708)",
                  {17: 7, 18: 8, 14: 3} | _whole(8, 9, 13, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28), frozenset({8, 14, 19, 20, 21, 22, 24, 27})),
    "JZ": Statute("《自然灾害救助条例》（2019年修订）", "Regulations on Disaster Relief (2019)",
                  {13: 4, 14: 7} | _whole(10, 11, 12, 15, 16, 17, 18, 19, 20, 21, 22, 24, 26, 28), frozenset({17, 20, 21, 24, 26})),
    "FX": Statute("《防汛条例》（2011年修订）", "Flood Control Regulations (2011)",
                  _whole(18, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 37, 38), frozenset({18, 26, 27, 32, 33, 34})),
    "KH": Statute("《抗旱条例》（国务院令第552号）", "Drought Regulations (Decree 552)",
                  {34: 4, 35: 5} | _whole(28, 33, 36, 37, 38, 39, 40, 41, 42, 43, 45, 46, 47, 48, 49, 52, 53, 54, 55)),
    "QX": Statute("《气象灾害防御条例》（2017年修订）", "Regulations on Meteorological Disasters (2017)",
                  _whole(20, 21, 22, 30, 31, 32, 34, 35, 36, 37, 38, 39, 40, 41, 42), frozenset({30})),
    "HNQX": Statute("《河南省气象灾害防御条例》（2020年）", "Henan Regulations on Meteorological Disasters (2020)", _whole(29), frozenset({29})),
    "DZ": Statute("《地质灾害防治条例》（国务院令第394号）", "Regulations on Geological Disasters (Decree 394)",
                  {4: 4} | _whole(15, 17, 19, 20, 27, 28, 29, 30, 31, 32, 33),
                  frozenset({4, 15, 17, 19, 20, 27, 28, 29, 30, 31, 32, 33})),
    "SL": Statute("《森林防火条例》（2008年修订）", "Forest Fire Prevention Regulations (2008)",
                  {32: 8, 40: 4} | _whole(23, 25, 28, 29, 31, 33, 34, 35, 37, 38, 39, 41, 42, 43, 44, 45), frozenset({40})),
    "FZ": Statute("《防震减灾法》（2008年修订）", "Law on Protecting against Earthquakes (2008)", {50: 6} | _whole(49, 52, 58, 59)),
    "PH": Statute("《破坏性地震应急条例》（2011年修订）", "Regulations on Destructive Earthquakes (2011)",
                  _whole(8, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35)),
    "WH": Statute("《危险化学品安全管理条例》（2013年修订）", "Regulations on Hazardous Chemicals (2013)",
                  {72: 4} | _whole(69, 70, 71, 73, 74)),
    "RQ": Statute("《城镇燃气管理条例》（2016年修订）", "Regulations on City Gas (2016)", _whole(12, 13, 20, 21, 39, 40, 41, 42, 43)),
    "DL": Statute("《电力安全事故应急处置和调查处理条例》（国务院令第599号）",
                  "Regulations on Power Accidents (Decree 599)", {17: 5} | _whole(3, 8, 9, 10, 11, 14, 15, 16, 18, 19, 20)),
    "GS": Statute("《城市供水条例》（2020年修订）", "City Water Supply Regulations (2020)", _whole(20, 21, 22, 27)),
    "XF": Statute("《消防法》（2021年修正）", "Fire Protection Law (2021)", {45: 6} | _whole(43, 44, 46, 47, 51)),
    "JT": Statute("《道路交通安全法》（2021年修正）", "Road Traffic Safety Law (2021)", _whole(70, 72, 75)),
    "TS": Statute("《特种设备安全法》（2013年）", "Special Equipment Safety Law (2013)", _whole(69, 70, 71, 72)),
    "TJ": Statute("《特种设备安全监察条例》（2009年修订）", "Regulations on Special Equipment (2009)",
                  {61: 4, 62: 4, 63: 5, 64: 6} | _whole(65, 66), frozenset({64, 65, 66})),
    "JG": Statute("《建设工程安全生产管理条例》（国务院令第393号）", "Regulations on Construction Safety (Decree 393)",
                  _whole(47, 48, 49, 50, 51)),
    "KS": Statute("《矿山安全法》（2009年修正）", "Mine Safety Law (2009)", _whole(31, 36, 37)),
    "NH": Statute("《内河交通安全管理条例》（2019年修订）", "Regulations on Inland Navigation (2019)", _whole(46, 47, 48, 49)),
    "HJ": Statute("《环境保护法》（2014年修订）", "Environmental Protection Law (2014)", _whole(47)),
    "SW": Statute("《水污染防治法》（2017年修正）", "Water Pollution Law (2017)", _whole(78)),
    "DQ": Statute("《大气污染防治法》（2018年修正）", "Air Pollution Law (2018)", _whole(93, 94, 95, 96, 97)),
    "WL": Statute("《网络安全法》（2016年）", "Cybersecurity Law (2016 text)", _whole(25, 53, 54, 55)),
}  # fmt: skip
DOCUMENTS = {
    "OVERALL25": Words("《国家突发事件总体应急预案》（2025年）", "National Overall Emergency Plan (2025)"),
    "PLANS24": Words("《突发事件应急预案管理办法》（国办发〔2024〕5号）", "Measures on Emergency Plans (2024, No. 5)"),
    "RELIEF24": Words("《国家自然灾害救助应急预案》（国办函〔2024〕11号）", "National Disaster Relief Plan (2024, No. 11)"),
    "FLOOD22": Words("《国家防汛抗旱应急预案》（国办函〔2022〕48号）", "National Flood and Drought Plan (2022, No. 48)"),
    "HNFLOOD22": Words("《河南省防汛应急预案》（豫防汛〔2022〕1号）", "Henan Flood Plan (2022, No. 1)"),
    "QUAKE12": Words("《国家地震应急预案》（2012年修订）", "National Earthquake Plan (2012)"),
    "GEO06": Words("《国家突发地质灾害应急预案》（2006年）", "National Geological Disaster Plan (2006)"),
    "FOREST20": Words("《国家森林草原火灾应急预案》（2020年）", "National Forest and Grassland Fire Plan (2020)"),
    "SIGNAL16": Words("《气象灾害预警信号发布与传播办法》（中国气象局令第16号）", "Weather Warning Signals (Decree 16 of the CMA)"),
    "WORK06": Words("《国家安全生产事故灾难应急预案》（2006年）", "National Work Accident Plan (2006)"),
    "RAIL15": Words("《国家城市轨道交通运营突发事件应急预案》（2015年）", "National Urban Rail Plan (2015)"),
    "POWER15": Words("《国家大面积停电事件应急预案》（2015年）", "National Large-scale Power Failure Plan (2015)"),
    "COMM11": Words("《国家通信保障应急预案》（2011年）", "National Communications Plan (2011)"),
    "ENV14": Words("《国家突发环境事件应急预案》（2014年）", "National Environmental Incident Plan (2014)"),
    "AIR24": Words("关于进一步优化重污染天气应对机制的指导意见（环大气〔2024〕6号）", "Guidance on Heavy Pollution (2024, No. 6)"),
    "CYBER17": Words("《国家网络安全事件应急预案》（2017年）", "National Cyber Incident Plan (2017)"),
    "LOCAL": Words("本市预案规定（示范）", "the city's own provision (model)"),
}  # fmt: skip
DOCUMENTS_READ = {"OVERALL25", "PLANS24", "RELIEF24", "FLOOD22", "HNFLOOD22", "QUAKE12", "SIGNAL16", "LOCAL"}
_DIGITS = "零一二三四五六七八九十"
UNREAD = Words("（待核）", " (to be confirmed)")


def law_known(item: str) -> bool:
    """Is `item` in the table: "67(6)", "YJ.18(2)", "SG.14" or "D.QUAKE12"?"""
    code, _, rest = item.rpartition(".")
    if code == "D":
        return rest in DOCUMENTS
    statute = STATUTES.get(code) if code else ERL
    article, bracket, tail = rest.partition("(")
    if statute is None or not article.isdigit() or int(article) not in statute.articles:
        return False
    items = statute.articles[int(article)]
    if not bracket:
        return items == 0
    number = tail.removesuffix(")")
    return tail.endswith(")") and number.isdigit() and 1 <= int(number) <= items


def law_read(item: str) -> bool:
    """Was the text a known item cites read for the platform?"""
    code, _, rest = item.rpartition(".")
    if code == "D":
        return rest in DOCUMENTS_READ
    return int(rest.partition("(")[0]) in (STATUTES[code] if code else ERL).read


def law_text(items: tuple[str, ...]) -> Words:
    """Return the citation of known items in both languages, statute by statute in the order they come, each article that
    wasn't read marked: 《突发事件应对法》第六十七条第六项、第七十三条第十一项；《安全生产法》第八十五条（待核）."""
    found: dict[str, list[str]] = {}
    for item in items:
        code, _, rest = item.rpartition(".")
        found.setdefault(item if code == "D" else code, []).append(rest)
    parts = [_cited(code, rest) for code, rest in found.items()]
    return Words("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def _cited(code: str, articles: list[str]) -> Words:
    if code.startswith("D."):
        doubt = Words("", "") if law_read(code) else UNREAD
        return Words(DOCUMENTS[code[2:]].zh + doubt.zh, DOCUMENTS[code[2:]].en + doubt.en)
    statute = STATUTES[code] if code else ERL
    told = [(rest, Words("", "") if law_read(f"{code}.{rest}") else UNREAD) for rest in articles]
    return Words(
        statute.zh + "、".join(_zh(rest) + doubt.zh for rest, doubt in told),
        f"{statute.en}, art. {', '.join(rest + doubt.en for rest, doubt in told)}",
    )


def _zh(rest: str) -> str:
    article, _, item = rest.partition("(")
    return f"第{_chinese(int(article))}条" + (f"第{_chinese(int(item[:-1]))}项" if item else "")


def _chinese(number: int) -> str:
    hundreds, number = divmod(number, 100)
    tens, ones = divmod(number, 10)
    head = _DIGITS[hundreds] + "百" + ("零" if number and not tens else "") if hundreds else ""
    ten = "" if tens == 0 else ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    return head + ten + (_DIGITS[ones] if ones or not (hundreds or tens) else "")
