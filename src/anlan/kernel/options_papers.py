"""The options of papers."""

from __future__ import annotations

from anlan.kernel.option import Option

PAPERS: tuple[Option, ...] = (
    Option("paper_hands", 3, "Hands a paper needs: 3, or 2 (maker signs).", "公文经手人数：3，或 2（拟稿可签发）。"),
)
