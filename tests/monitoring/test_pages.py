"""Pages of monitoring: what they show and to whom, how few questions they ask, what they say to a bad address."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from anlan.kernel import clock
from anlan.kernel.models import Entry
from anlan.monitoring.models import Series, Station
from anlan.monitoring.selectors import rain, station_search, stations
from anlan.territory.models import SavedView
from anlan.territory.services import generate
from tests.monitoring.page_rows import stations_made
from tests.territory.page_rows import reader

pytestmark = pytest.mark.django_db
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """What is kept for some seconds belongs to the database of the test before."""
    for kept in (rain._kept, station_search._kept, stations._ways):
        kept.clear()


@pytest.fixture
def rows(db: None) -> list[Station]:
    generate("tiny", 7)
    return stations_made()


@pytest.fixture
def page(rows: list[Station]) -> Any:
    return reader("4101", roles=("duty",))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def codes(text: str) -> list[str]:
    return re.findall(r'class="title"><a href="/monitoring/stations/(\w+)', text)


def test_the_list_is_light_and_asks_few_questions(page: Any, django_assert_max_num_queries: Any) -> None:
    page.get("/monitoring/stations")
    with django_assert_max_num_queries(9):
        answer = page.get("/monitoring/stations")
    assert answer.status_code == 200
    assert len(answer.content) <= 60_000
    assert len(codes(text_of(answer))) == 50
    with django_assert_max_num_queries(9):
        counted = page.get("/monitoring/stations/facets?state=silent")
    assert re.search(r'value="silent" checked.*?<b>6</b>', text_of(counted))


def test_the_list_pages_both_ways_in_every_order(page: Any) -> None:
    for sort in ("", "code", "-age", "age", "-rain_24h", "-state", "-signal"):
        first = text_of(page.get(f"/monitoring/stations?sort={sort}"))
        after = re.search(r'rel="next" href="([^"]+)"', first)
        assert after is not None
        second = text_of(page.get(after[1].replace("&amp;", "&")))
        assert not set(codes(first)) & set(codes(second)), sort
        back = re.search(r'rel="prev" href="([^"]+)"', second)
        assert back is not None
        assert codes(text_of(page.get(back[1].replace("&amp;", "&")))) == codes(first), sort


def test_what_has_most_rain_and_what_has_been_silent_longest_come_first(page: Any) -> None:
    assert codes(text_of(page.get("/monitoring/stations?sort=-rain_24h")))[:2] == ["G119", "G118"]
    assert codes(text_of(page.get("/monitoring/stations?sort=-age")))[0][1:] in {
        "007",
        "027",
        "047",
        "067",
        "087",
        "107",
    }
    assert codes(text_of(page.get("/monitoring/stations?sort=-signal")))[0] == "G000"


def test_a_station_is_found_by_code_part_of_the_name_and_initials(page: Any) -> None:
    for words in ("G017", "东山017", "Gauge 017"):
        assert codes(text_of(page.get("/monitoring/stations", {"q": words}))) == ["G017"], words
    found = text_of(page.get("/monitoring/stations", {"q": "hk"}))
    assert re.search(r'class="total">24<', found)
    assert "No station matches" in text_of(page.get("/monitoring/stations?q=nowhere"))


def test_filters_narrow_and_their_chips_come_off(page: Any) -> None:
    text = text_of(page.get("/monitoring/stations?kind=level&state=normal&division=410181"))
    assert re.search(r'class="total">(\d+)<', text)[1] == str(len(codes(text)))  # type: ignore[index]
    assert all(int(code[1:]) % 5 == 1 for code in codes(text))
    assert text.count("Take this filter off") == 3
    assert codes(text_of(page.get("/monitoring/stations?colour=orange"))) == ["G000"]
    assert codes(text_of(page.get("/monitoring/stations?protocol=sl651"))) == ["G000"]


def test_what_an_address_can_not_mean_is_left_out_or_refused(page: Any) -> None:
    assert page.get("/monitoring/stations?kind=castle&sort=colour&division=x").status_code == 200
    assert page.get("/monitoring/stations?after=zzz").status_code == 422
    assert page.get("/monitoring/stations/NONE").status_code == 404
    assert page.get("/monitoring/stations/G000?from=yesterday").status_code == 422
    assert page.get("/monitoring/stations/G000/chart.json?from=2026-01-02T00:00&to=2026-01-01T00:00").status_code == 422
    assert page.get("/monitoring/stations/G000/chart.json?element=gold").status_code == 404
    assert page.get("/monitoring/rain?window=5").status_code == 422
    assert page.get("/monitoring/stations/file.pdf").status_code == 404


def test_nobody_sees_beyond_the_own_area(rows: list[Station]) -> None:
    there = reader("410183", roles=("duty",), name="other")
    assert {int(code[1:]) % 3 for code in codes(text_of(there.get("/monitoring/stations")))} == {2}
    for path in ("", "/chart.json", "/frames", "/readings.csv"):
        assert there.get(f"/monitoring/stations/G000{path}").status_code == 404, path
    assert there.post("/monitoring/stations/G000/isolate", {"reason": "x"}).status_code == 302
    assert Station.objects.get(code="G000").state == "normal"
    assert len(json.loads(there.get("/monitoring/rain/sums.json?window=24").content)["code"]) == 32


def test_strangers_are_sent_to_the_door(rows: list[Station], client: Any) -> None:
    for path in ("stations", "stations/G000", "rain", "gaps"):
        answer = client.get(f"/monitoring/{path}", HTTP_ACCEPT="text/html")
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/sign-in"), path


def test_the_list_as_a_file(page: Any) -> None:
    body = b"".join(page.get("/monitoring/stations/file.csv?kind=level").streaming_content).decode("utf-8-sig")
    lines = body.strip().splitlines()
    assert len(lines) == 25
    assert lines[0].startswith('"station","name_zh"')
    assert "登记员" in lines[0]
    assert b"".join(page.get("/monitoring/stations/file.xlsx").streaming_content)[:2] == b"PK"


def test_a_view_of_the_list_is_kept(page: Any) -> None:
    answer = page.post("/monitoring/stations/views", {"name": "Silent ones", "query": "state=silent"})
    assert "Silent ones" in text_of(answer)
    view = SavedView.objects.get(register="stations")
    assert page.post(f"/monitoring/stations/views/{view.pk}/remove").status_code == 200
    assert "Silent ones" not in text_of(page.get("/monitoring/stations"))


def test_one_station_shows_everything_with_few_questions(page: Any, django_assert_max_num_queries: Any) -> None:
    page.get("/monitoring/stations/G000")
    with django_assert_max_num_queries(20):
        answer = page.get("/monitoring/stations/G000")
    text = text_of(answer)
    assert len(answer.content) <= 60_000
    assert "60 mm in 3 h" in text
    assert "More in the interval than believed: 1" in text
    assert text.count("chart-panel") == 2
    assert not [line for line in text.splitlines() if "<h1>" in line and HAN.search(line)]


def test_a_chart_has_points_doubts_sums_lines_and_signals(page: Any, django_assert_max_num_queries: Any) -> None:
    page.get("/monitoring/stations/G000/chart.json?sum=3")
    with django_assert_max_num_queries(10):
        answer = page.get("/monitoring/stations/G000/chart.json?sum=3")
    chart = json.loads(answer.content)
    assert chart["step"] == "raw"
    assert 400 <= len(chart["at"]) <= 432
    assert sum(1 for code in chart["doubt"] if code) == 1
    assert chart["words"] == {"8": "More in the interval than believed"}
    assert max(chart["sums"]) == 18.0  # the doubtful 100 mm don't count
    assert [line["value"] for line in chart["sum_lines"]] == [50.0, 100.0]
    assert chart["signals"][0]["colour"] == "orange"
    level = json.loads(page.get("/monitoring/stations/G001/chart.json").content)
    assert [(line["value"], line["colour"]) for line in level["lines"]] == [(90.0, "yellow"), (91.0, "orange")]
    assert len(json.loads(page.get("/monitoring/stations/G001/chart.json?span=month").content)["at"]) > 50


def test_readings_of_a_span_as_a_file(page: Any) -> None:
    start = quote((clock.now() - timedelta(hours=5)).isoformat())
    answer = page.get(f"/monitoring/stations/G000/readings.csv?from={start}&element=rain_mm")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert 20 <= len(lines) <= 31
    assert "G000" in lines[1]


def test_raw_frames_are_told_byte_by_byte_and_in_words(page: Any) -> None:
    text = text_of(page.get("/monitoring/stations/G000/frames"))
    assert "7E 7E 05 00 11 22 33 44" in text
    assert "check value right" in text
    assert "10.49" in text
    assert "No raw frame" in text_of(page.get("/monitoring/stations/G001/frames"))


def test_limits_are_set_and_a_wrong_one_says_so_at_its_field(page: Any) -> None:
    wrong = page.post(
        "/monitoring/stations/G001/limits", {"element": "level_m", "limit-alert_m": "92", "limit-warning_m": "91"}
    )
    assert wrong.status_code == 422
    assert "must not lie under alert_m (92)" in text_of(wrong)
    assert 'value="92"' in text_of(wrong)
    assert (
        page.post("/monitoring/stations/G001/limits", {"element": "level_m", "limit-alert_m": "deep"}).status_code
        == 422
    )
    right = page.post(
        "/monitoring/stations/G001/limits", {"element": "level_m", "limit-alert_m": "90.5", "limit-warning_m": "91"}
    )
    assert right.status_code == 302
    assert Series.objects.get(station__code="G001", main=True).limits == {"alert_m": 90.5, "warning_m": 91.0}
    told = Entry.objects.get(kind="station.limits_changed")
    assert told.data["before"] == {"alert_m": 90.0, "warning_m": 91.0}


def test_a_station_is_isolated_with_a_reason_and_mended(page: Any) -> None:
    page.post("/monitoring/stations/G000/isolate", {"reason": "funnel blocked"})
    assert "funnel blocked" in text_of(page.get("/monitoring/stations/G000"))
    page.post("/monitoring/stations/G000/mend", {"note": "cleaned"})
    assert Station.objects.get(code="G000").state == "normal"


def test_the_rain_map_sums_means_and_says_what_is_not_known(page: Any, django_assert_max_num_queries: Any) -> None:
    page.get("/monitoring/rain?window=24")
    answer = page.get("/monitoring/rain?window=24")
    text = text_of(answer)
    assert len(answer.content) <= 60_000
    assert "Upper Jialu" in text
    assert "4.5" in text  # (1 × 0 mm + 3 × 6 mm) / 4
    assert re.search(r"90 of 96 gauges known", text)
    past = quote((clock.now() - timedelta(hours=30)).isoformat())
    with django_assert_max_num_queries(14):
        sums = json.loads(page.get(f"/monitoring/rain/sums.json?window=6&at={past}").content)
    assert sums["mm"][sums["code"].index("G000")] == 36.0
    assert sums["mm"][sums["code"].index("G005")] is None
    assert page.get("/monitoring/rain/file.csv?window=1").status_code == 200


def test_the_gap_report_puts_the_worst_first(page: Any) -> None:
    answer = page.get("/monitoring/gaps?span=day&kind=rain")
    text = text_of(answer)
    assert answer.status_code == 200
    assert len(answer.content) <= 60_000
    assert len(codes(text)) == 40
    assert "0.0 %" in text
    lines = b"".join(page.get("/monitoring/gaps/file.csv?span=day&q=G000").streaming_content).decode().splitlines()
    assert lines[0].startswith('\ufeff"station","name_zh","name_en"')
    assert len(lines) == 3


def test_empty_rooms_say_so_in_words(db: None) -> None:
    generate("tiny", 7)
    alone = reader("4101", roles=("duty",), name="alone")
    assert "No station is registered yet" in text_of(alone.get("/monitoring/stations"))
    assert "No rain at any gauge" in text_of(alone.get("/monitoring/rain"))
    assert "No station matches" in text_of(alone.get("/monitoring/gaps"))
