"""Words for industry codes (GB/T 4754)."""

from __future__ import annotations

from anlan.kernel.language import chinese

SECTIONS = {
    "A": ("农、林、牧、渔业", "Agriculture, forestry, fishery"), "B": ("采矿业", "Mining"),
    "C": ("制造业", "Manufacturing"), "D": ("电热燃气水", "Power, heat, gas, water"),
    "E": ("建筑业", "Construction"), "F": ("批发和零售业", "Wholesale and retail"),
    "G": ("交通运输仓储邮政", "Transport, storage, post"), "H": ("住宿和餐饮业", "Lodging and catering"),
    "I": ("信息软件", "Information and software"), "J": ("金融业", "Finance"), "K": ("房地产业", "Real estate"),
    "L": ("租赁和商务服务业", "Leasing and business services"), "M": ("科学技术服务", "Science and technology"),
    "N": ("水利环境公共设施", "Water, environment, public works"), "O": ("居民服务修理", "Household services, repair"),
    "P": ("教育", "Education"), "Q": ("卫生和社会工作", "Health and social work"),
    "R": ("文化体育娱乐", "Culture, sport, leisure"), "S": ("公共管理社会组织", "Public administration"),
    "T": ("国际组织", "International bodies"),
}  # fmt: skip


def industry_word(code: str) -> str:
    """Return code and name of its section: "C 制造业"."""
    names = SECTIONS.get(code[:1])
    return f"{code} {names[0 if chinese() else 1]}" if names and len(code) == 1 else code
