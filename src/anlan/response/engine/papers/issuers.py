"""Who a paper goes out from and to, by kind and tier: masthead, word of the number, addressee, copies.

The words are the custom of the field (general knowledge); a bureau edits them in the draft, and its word is kept.
"""

from __future__ import annotations

from typing import Final

from anlan.response.engine.papers.draft import Issuer
from anlan.response.engine.text import Words

BULLETINS: Final = {
    "duty_flash": Words("值班快报", "Duty flash"), "duty_daily": Words("值班日报", "Duty daily"),
    "special": Words("突发事件信息专报", "Special report"), "situation": Words("情况汇总", "Situation summary"),
    "rollup": Words("灾情通报", "Disaster bulletin"),
}  # fmt: skip
# length of the division code → how party and government of that tier are called
TIERS: Final = {2: ("省", "办公厅", "provincial"), 4: ("市", "办公厅", "municipal"), 6: ("县", "办公室", "county")}
BELOW: Final = {
    2: Words("各省辖市人民政府，省直有关单位", "All city governments and provincial departments"),
    4: Words("各县（市、区）人民政府，市直有关单位", "All county governments and city departments"),
    6: Words("各乡镇人民政府（街道办事处），县直有关单位", "All township governments and county departments"),
}


def issuer(kind: str, *, division: str, name: Words, body: Words | None = None, word: str = "") -> Issuer:
    """Return the issuer of a kind in a division. `name` of the division; `body`: the command that issues, else the emergency
    bureau; `word`: the one used last, else made of the name."""
    tier = max((length for length in TIERS if length <= len(division)), default=2)
    who = body or Words(f"{name.zh}应急管理局", f"{name.en} Emergency Management Bureau")
    of, office, tier_en = TIERS[tier]
    copies: tuple[Words, ...] = (
        Words(f"{of}委{office}", f"{tier_en} Party committee office"), Words(f"{of}政府{office}", f"{tier_en} government office"),
    )  # fmt: skip
    if kind in BULLETINS:
        return Issuer(who, BULLETINS[kind], word or BULLETINS[kind].zh, copies)
    if kind == "order":
        return Issuer(who, Words(f"{who.zh}令", f"Order of the {who.en}"), word or f"{_short(who.zh)}令")
    if kind == "public_notice":
        return Issuer(who, who, word or f"{_short(who.zh)}通")
    if kind in ("manual", "cards"):
        return Issuer(who, who, word or f"{_short(who.zh)}手册")
    masthead = Words(f"{who.zh}文件", who.en)
    return Issuer(
        who, masthead, word or _short(who.zh), copies, BELOW[tier], Words(f"{who.zh}办公室", f"Office of the {who.en}")
    )


def _short(name: str) -> str:
    """The abbreviation an organ's number begins with (机关代字): of the place its first character, of the organ its short form."""
    place = name[:1]
    for whole, short in (
        ("防汛抗旱指挥部", "防指"),
        ("抗震救灾指挥部", "震指"),
        ("应急管理局", "应急"),
        ("指挥部", "指"),
    ):
        if whole in name:
            return place + short
    return f"{place}应急"
