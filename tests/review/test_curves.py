"""The answer curves, against counting by hand and by brute force; the pictures of them; the red items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from anlan.review.engine import curves
from anlan.review.engine.rows import MissingChannel
from anlan.review.formats.curve_figure import spark, tier_figure
from tests.review import storm

SVG = "{http://www.w3.org/2000/svg}"
WAITS = st.lists(st.floats(0, 200), max_size=40)


def test_the_storm_by_hand() -> None:
    found = curves.curves(storm.record())
    assert (found["minutes"][:2], found["minutes"][-1]) == ([0.0, 0.25], 90.0)
    assert found["minutes"] == sorted(set(found["minutes"]))
    township, village = found["by_tier"]["township"], found["by_tier"]["village"]
    at = {minute: n for n, minute in enumerate(found["minutes"])}
    assert [township["shares"][at[minute]] for minute in (1.75, 2, 13.5, 14, 90)] == [0.0, 0.5, 0.5, 1.0, 1.0]
    assert (township["to_50"], township["to_90"]) == (2.0, 14.0)
    assert [village["shares"][at[minute]] for minute in (29, 30, 90)] == [0.0, 0.5, 0.5]
    assert (village["to_50"], village["to_90"]) == (30.0, None)
    assert found["by_role"]["village_head"] == village
    assert (found["all"]["called"], found["all"]["answered"], found["all"]["to_50"]) == (4, 3, 14.0)


@given(WAITS, st.integers(0, 20), st.lists(st.integers(0, 120), min_size=1, max_size=12))
def test_each_share_counts_everybody_called(waits: list[float], silent: int, grid: list[int]) -> None:
    called = len(waits) + silent
    found = curves.answered_shares(waits, called, grid)
    wanted = [round(sum(w <= moment for w in waits) / called, 4) if called else 0.0 for moment in grid]
    assert found == wanted


@given(WAITS, st.integers(0, 20), st.sampled_from([0.1, 0.5, 0.9, 1.0]))
def test_the_time_to_a_share_is_the_first_moment_it_holds(waits: list[float], silent: int, share: float) -> None:
    called = len(waits) + silent
    held = [w for w in sorted(waits) if sum(v <= w for v in waits) >= share * called - 1e-9]
    assert curves.time_to(share, waits, called) == (round(held[0], 2) if held else None)


def test_more_answers_than_people_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="3 answers of 2 people"):
        curves.answered_shares([1.0, 2.0, 3.0], 2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_figure_draws_a_line_a_level_at_its_heights(language: str) -> None:
    found = curves.curves(storm.record())
    figure = tier_figure(found, language=language)
    root = etree.fromstring(figure.encode())
    lines = root.findall(f"{SVG}polyline")
    assert "style" not in figure and len(lines) == 2
    heights = [float(pair.split(",")[1]) for pair in str(lines[0].get("points")).split()]
    at = {minute: n for n, minute in enumerate(found["minutes"])}
    assert heights[0] > heights[at[2]] == heights[at[13]] > heights[at[14]] == heights[-1]
    words = "".join(root.itertext())
    assert ("乡镇" in words and "90% 未达到" in words) if language == "zh" else "90% never" in words


def test_a_role_that_answered_whole_has_no_hatch() -> None:
    found = curves.curves(storm.record())
    pictures = {role: spark(curve, found["minutes"], language="zh") for role, curve in found["by_role"].items()}
    whole, half = (pictures[role].count("<path") for role in ("township_head", "village_head"))
    assert (whole, half) == (1, 2)


def test_nobody_called_is_no_figure() -> None:
    assert tier_figure(curves.curves(replace(storm.record(), calls=())), language="en") == ""


def test_red_items_are_the_channels_missing_and_who_is_silent() -> None:
    missing = (MissingChannel("w2", "mass_sms"), MissingChannel("w1", "mass_sms"), MissingChannel("w2", "voice"))
    found: dict[str, Any] = curves.red_items(replace(storm.record(), missing=missing))
    assert [(item["number"], item["channels"]) for item in found["missing"]] == [
        ("R1", ["mass_sms"]), ("R2", ["mass_sms", "voice"])]  # fmt: skip
    assert found["unanswered"] == {"count": 1, "by_tier": {"village": 1}, "by_role": {"village_head": 1}}
