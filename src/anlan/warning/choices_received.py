"""Values of CAP in the words of the pages of warnings received (CAP 1.2 §3.2.1 and §3.2.2; GB/T 35965.1)."""

from __future__ import annotations

from typing import Final

from anlan.warning.choices import Choice, _index

CAP_WORDS: Final = _index(
    Choice("Alert", "首发", "Alert"),
    Choice("Update", "更新", "Update"),
    Choice("Cancel", "解除", "Cancel"),
    Choice("Ack", "确认", "Ack"),
    Choice("Error", "拒收", "Error"),
    Choice("Actual", "实际", "Actual"),
    Choice("Exercise", "演练", "Exercise"),
    Choice("System", "系统", "System"),
    Choice("Test", "测试", "Test"),
    Choice("Draft", "草稿", "Draft"),
    Choice("Public", "公开", "Public"),
    Choice("Restricted", "限定范围", "Restricted"),
    Choice("Private", "指定对象", "Private"),
    Choice("Extreme", "特别严重", "Extreme"),
    Choice("Severe", "严重", "Severe"),
    Choice("Moderate", "较重", "Moderate"),
    Choice("Minor", "一般", "Minor"),
    Choice("Unknown", "未知", "Unknown"),
)
