"""Codes of levels, their ends and what must be closed after them."""

from __future__ import annotations

from anlan.territory.choices import Choice

PURGED = "（已清除）"  # what stands where personal data was

PURGE_STATES = {
    choice.code: choice
    for choice in (
        Choice("running", "计时中", "Clock running"),
        Choice("held", "暂缓销毁", "On hold"),
        Choice("done", "已销毁", "Destroyed"),
    )
}

# What must be done after a response has ended (善后收尾), in the order of the page.
CLOSEOUT = {
    choice.code: choice
    for choice in (
        Choice("final_report", "终报", "Final report"),
        Choice("loss_assessment", "损失调查评估", "Loss assessment"),
        Choice("lessons", "原因和教训", "Causes and lessons"),
        Choice("archive", "归档", "Archive"),
        Choice("audit", "款物审计", "Audit of money and goods"),
        Choice("purge", "个人信息销毁", "Destroying personal data"),
    )
}
