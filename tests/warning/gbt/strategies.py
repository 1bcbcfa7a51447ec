"""Any CAP message and any national message, fitting and odd values mixed."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from anlan.warning.formats.cap import values as cap
from anlan.warning.formats.gbt import values as gbt

# What an XML document can hold, with blanks at the ends taken off as readers do.
TEXT = st.text(
    st.sampled_from(string.ascii_letters + "0123456789 ,;.:_-+\n<&\"'暴雨红色预警；，北京"), max_size=20
).map(str.strip)
SOME = TEXT.filter(bool)
NAME = st.text(st.sampled_from("abcXYZ0123456789_.@:-;"), min_size=1, max_size=20)
SECONDS = st.integers(0, 59).map(lambda second: f"2021-07-19T21:59:{second:02}")
OFFSETS = st.sampled_from(["+08:00", "-00:00", "+05:30", "-09:00", "Z", ""])
CAP_TIME = st.one_of(
    st.builds(str.__add__, SECONDS, OFFSETS), st.sampled_from(["0001-01-01T00:00:00+14:00", "now"]), TEXT
)
ISSUER = st.sampled_from(["41018141600000", "41018100000001", "41000041600000"])
IDENTITY = st.builds(
    lambda issuer, second, serial: f"{issuer}_202107192159{second:02}{serial}",
    ISSUER, st.integers(0, 61), st.sampled_from(["_0", "_9", "", "_10"]),
)  # fmt: skip
DIVISION = st.sampled_from(["410181", "410000", "410181100", "410181100201", "410000000000", "4101", "x"])
LANGUAGE = st.sampled_from(["zh-CN", "zh", "en", "en-US", "fr"])
SEVERITY = st.sampled_from(["Extreme", "Severe", "Moderate", "Minor", "Unknown", "Huge"])
CERTAINTY = st.sampled_from(["Observed", "Likely", "Possible", "Unlikely", "Unknown", "VeryLikely", "Very Likely"])
URGENCY = st.sampled_from(["Immediate", "Expected", "Future", "Past", "Unknown"])
EVENT_TYPE = st.sampled_from(["11B03", "11A06", "12G00", "11B16", "11Z99", "rain"])
RING = st.sampled_from(["34.1,113.1 34.2,113.1 34.2,113.2 34.1,113.1", "...", "0,0 0,1"])
CIRCLE = st.one_of(
    st.builds(lambda r: f"34.7,113.6 {r}", st.sampled_from(["0", "50", "1.5", "5.0", "0.0001", "-1", "1e3"])), SOME
)


def maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.one_of(st.none(), values)


def several(values: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=most).map(tuple)


EVENT_CODE = st.one_of(st.builds(cap.Coded, st.just("GB/T35965.1"), EVENT_TYPE), st.builds(cap.Coded, SOME, TEXT))
METHOD_JSON = st.sampled_from(
    ['{"name":"SMS","text":"t","groups":"","persons":""}', '{"name":1}', "null", "[[[", '{"x":1}']
)
PARAMETER = st.one_of(
    st.builds(cap.Coded, st.just("colour"), st.sampled_from(["red", "Orange", "黄色", "IV", "pink", ""])),
    st.builds(cap.Coded, st.just("GB/T35965.1:method"), METHOD_JSON),
    st.builds(
        cap.Coded,
        st.sampled_from(["severity", "certainty", "signer", "phone", "references", "secClassification", "x"]).map(
            "GB/T35965.1:".__add__
        ),
        TEXT,
    ),
    st.builds(cap.Coded, SOME, TEXT),
)
GEOCODE = st.one_of(
    st.builds(cap.Coded, st.sampled_from(["GB/T2260", "GB/T10114", "stats12", "GB/T35965.1:geocode"]), DIVISION),
    st.builds(cap.Coded, st.sampled_from(["GB/T2260", "SAME"]), TEXT),
)
CAP_AREA = st.builds(
    cap.Area, TEXT, several(RING), several(CIRCLE), several(GEOCODE, 4), altitude=maybe(TEXT), ceiling=maybe(TEXT)
)
CAP_RESOURCE = st.builds(
    cap.Resource, st.sampled_from(["map.jpg", "siren.MP3", "readme", ""]), st.sampled_from(["image/jpeg", "audio/mpeg"]),
    maybe(st.sampled_from(["84", "84k", ""])), maybe(SOME), maybe(SOME), maybe(SOME),
)  # fmt: skip
CAP_INFO = st.builds(
    cap.Info, st.one_of(st.sampled_from(["暴雨", "Rainstorm", "Frost", "rain"]), TEXT), URGENCY, SEVERITY, CERTAINTY,
    several(st.sampled_from(["Met", "Geo", "Other"])), maybe(LANGUAGE), several(st.sampled_from(["Shelter", "Avoid"])),
    maybe(TEXT), several(EVENT_CODE), maybe(CAP_TIME), maybe(CAP_TIME), maybe(CAP_TIME),
    maybe(st.one_of(st.sampled_from(["巩义市气象台", "Gongyi Weather office"]), TEXT)), maybe(TEXT), maybe(TEXT), maybe(TEXT),
    maybe(TEXT), maybe(TEXT), several(PARAMETER, 3), several(CAP_RESOURCE, 1), several(CAP_AREA),
)  # fmt: skip
TRIPLE = st.one_of(
    st.builds(lambda issuer, entry: f"{issuer},{entry},2021-07-19T21:59:00+08:00", ISSUER, IDENTITY),
    st.builds(lambda sender, name, time: f"{sender},{name},{time}", NAME, NAME, SECONDS), NAME,
)  # fmt: skip
CAP_ALERT = st.builds(
    cap.Alert, st.one_of(IDENTITY, NAME), st.one_of(ISSUER, NAME), CAP_TIME,
    st.sampled_from(["Actual", "Exercise", "System"]), st.sampled_from(["Alert", "Update", "Cancel", "Ack"]),
    st.sampled_from(["Public", "Private"]), maybe(TEXT), maybe(TEXT), maybe(TEXT), several(SOME), maybe(TEXT),
    maybe(several(TRIPLE, 3).map("  ".join)), maybe(TEXT), several(CAP_INFO), st.sampled_from(["1.2", "1.1"]),
)  # fmt: skip

GBT_TIME = st.one_of(
    st.just(""), st.integers(0, 59).map(lambda second: f"2021-07-19 21:59:{second:02}+08:00"),
    st.sampled_from(["2021-07-19 21:59:00", "2021-07-19T13:59:00Z", "9999-12-31 23:59:59-01:00", "soon"]),
)  # fmt: skip
GBT_AREA = st.builds(gbt.Area, TEXT, several(RING), several(CIRCLE.filter(bool)), several(DIVISION, 4))
GBT_RESOURCE = st.builds(gbt.Resource, TEXT, st.sampled_from(["", "84", "84k"]), TEXT)
UNIT = st.sampled_from(["巩义市气象台", "Gongyi Weather office", "", "41018141600000"])
GBT_INFO = st.builds(
    gbt.Info, st.one_of(st.just(""), LANGUAGE), st.one_of(st.just(""), EVENT_TYPE), st.one_of(st.just(""), URGENCY),
    st.sampled_from(["Red", "Orange", "BLUE", "红色", "Unknown", "", "9"]), st.one_of(st.just(""), CERTAINTY),
    GBT_TIME, GBT_TIME, GBT_TIME, st.one_of(UNIT, st.just("签发员甲")), TEXT, TEXT, TEXT, TEXT,
    several(GBT_RESOURCE, 1), several(GBT_AREA),
)  # fmt: skip
METHOD = st.builds(gbt.Method, st.sampled_from(["SMS", "WEB", ""]), TEXT, TEXT, TEXT)
GBT_MESSAGE = st.builds(
    gbt.Message, st.one_of(IDENTITY, NAME), UNIT, st.one_of(ISSUER, NAME), st.sampled_from(["", "13800000000"]), GBT_TIME,
    st.sampled_from(["Actual", "Test"]), st.sampled_from(["Alert", "Update", "Cancel"]), st.just("Public"),
    several(METHOD), st.sampled_from(["", "None", "Inner"]), TEXT, several(st.one_of(IDENTITY, NAME)), several(GBT_INFO),
)  # fmt: skip
