"""Timeline and findings over a small journal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from anlan.review.engine.findings import FAILURES, findings
from anlan.review.engine.rows import Entry
from anlan.review.engine.timeline import HISTORY, MAIN, SHARED, axis, bands, timeline
from anlan.review.engine.wording import SENTENCES, sentence
from tests.review import storm


def test_lanes_thinning_and_order() -> None:
    lines = timeline(storm.entries())
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    lanes = {line["seq"]: line["lane"] for line in lines}
    assert (lanes[1], lanes[3], lanes[30], lanes[31]) == (SHARED, MAIN, HISTORY, HISTORY)
    signals = [line for line in lines if line["kind"] == "signal.opened"]
    assert [(line["count"], line["seq"]) for line in signals] == [(8, 10)]
    assert "8" in signals[0]["text"]["zh"]
    assert all(line["kind"] != "readings.taken" for line in lines)


def test_nothing_is_lost_by_thinning() -> None:
    kept = [entry for entry in storm.entries() if entry.kind in SENTENCES]
    assert sum(line["count"] for line in timeline(kept)) == len(kept)


def test_real_facts_are_told_apart() -> None:
    natures = {line["seq"]: line["nature"] for line in timeline(storm.entries())}
    assert (natures[1], natures[31], natures[10], natures[3]) == ("real", "real", "reconstructed", "simulated")


def test_every_failure_is_shown_or_says_that_it_is_not() -> None:
    found = {finding["id"]: finding for finding in findings(storm.entries())}
    assert list(found) == [f"F{i}" for i in range(1, 9)]
    assert found["F1"]["shown"]
    assert [fact["seq"] for fact in found["F1"]["facts"]] == [3, 4]
    assert found["F2"]["count"] == 1
    assert not found["F7"]["shown"]
    assert found["F7"]["facts"] == []


def test_f9_is_told_once_statements_contradict_each_other() -> None:
    told = storm.entry(60, "incident.contradicted", storm.t("21 01:30"), topic="dam", claims=["a", "b"], task="c")
    found = {finding["id"]: finding for finding in findings([*storm.entries(), told])}
    assert found["F9"]["shown"]
    assert "dam" in found["F9"]["facts"][0]["en"]


def test_a_late_proposal_does_not_show_f1() -> None:
    late = [e for e in storm.entries() if e.kind != "level.proposed"]
    late.append(storm.entry(50, "level.proposed", storm.t("19 22:30"), track="main", level=1))
    assert not next(finding for finding in findings(late) if finding["id"] == "F1")["shown"]


def test_a_decision_of_2021_does_not_show_behaviour_of_the_house() -> None:
    history = [
        storm.entry(1, "level.raised", storm.RED, by="scenario", track="history", level=1),
        storm.entry(2, "tasks.issued", storm.RED, track="history", count=3),
    ]
    assert not next(finding for finding in findings(history) if finding["id"] == "F3")["shown"]


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_every_sentence_reads_in_both_languages_even_with_empty_data(kind: str) -> None:
    said = sentence(Entry(1, kind, datetime(2021, 7, 20, tzinfo=UTC), "x:1", "4101", "system", "", {}))
    assert said["zh"]
    assert said["en"]
    assert "{" not in said["zh"] + said["en"]


def test_behaviour_is_told_in_both_languages() -> None:
    for failure in FAILURES:
        assert failure.zh and failure.en and failure.answer_zh and failure.answer_en


def test_orders_count_only_once_the_house_stands_at_a_high_level() -> None:
    orders = storm.entry(5, "tasks.issued", storm.t("20 00:00"), track="main", count=3, codes={"T101": 3})
    low = storm.entry(4, "level.started", storm.RED, track="main", level=3)
    high = storm.entry(4, "level.started", storm.RED, track="main", level=1)
    assert [f["shown"] for f in findings([low, orders]) if f["id"] == "F3"] == [False]
    assert [f["shown"] for f in findings([high, orders]) if f["id"] == "F3"] == [True]


def test_what_the_house_says_beside_the_decisions_of_2021_is_not_called_real() -> None:
    beside = timeline([storm.entry(1, "level.undecided", storm.RED, track="history", level=1, minutes=15)])
    assert (beside[0]["lane"], beside[0]["nature"]) == (HISTORY, "simulated")
    assert beside[0]["text"]["en"].startswith("(had Anlan been there)")


def test_a_simulated_issuers_warning_is_not_one_of_the_real_event() -> None:
    answer = storm.entry(1, "warning.issued", storm.RED, by="scenario", colour="red", proposal="p1")
    assert (timeline([answer])[0]["lane"], timeline([answer])[0]["nature"]) == (MAIN, "simulated")


def test_bands_end_with_the_report_and_leave_out_no_response() -> None:
    start, end = storm.SPAN
    assert bands([("main", 0, start, None), ("main", 1, storm.RED, None)], end) == [
        {"track": "main", "level": 1, "since": storm.RED.isoformat(), "until": end.isoformat()}
    ]


def test_axis_clamps() -> None:
    start, end = storm.SPAN
    assert axis(start, end, 100, [start, end, storm.t("22 00:00"), storm.t("18 00:00")]) == [0.0, 100.0, 100.0, 0.0]
