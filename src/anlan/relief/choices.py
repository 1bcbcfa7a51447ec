"""Codes of the relief stage with Chinese and English label and colour, in one place."""

from __future__ import annotations

from anlan.territory.choices import Choice, name

__all__ = ["HOLDINGS", "SEASONS", "STOCK_STATES", "Choice", "name"]

# 山东省突发事件应急保障条例第四十二条: three ways of holding stock
HOLDINGS = {
    choice.code: choice
    for choice in (
        Choice("government", "政府储备", "Government stock"),
        Choice("agreement", "协议储备", "Agreement"),
        Choice("capacity", "产能储备", "Capacity to make"),
    )
}
STOCK_STATES = {
    choice.code: choice
    for choice in (
        Choice("available", "可用", "Available", "#2f6b3c"),
        Choice("reserved", "已预留", "Reserved"),
        Choice("in_transit", "在途", "In transit"),
        Choice("received", "已接收", "Received"),
        Choice("used", "已使用", "Used"),
        Choice("returned", "已回收", "Returned"),
        Choice("lost", "损耗", "Lost", "#8c1c3a"),
    )
}
SEASONS = {choice.code: choice for choice in (Choice("summer", "夏季", "Summer"), Choice("winter", "冬季", "Winter"))}
