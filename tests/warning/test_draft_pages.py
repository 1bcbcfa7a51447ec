"""The preview beside the form of a warning, as the page asks for it: whatever stands in the form, it answers."""

from __future__ import annotations

import pytest

from tests.territory.page_rows import reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
FORM = {
    "hazard": "11B03", "colour": "orange", "issuer_kind": "weather", "act": "alert", "area": "410181",
    "headline_zh": "巩义市暴雨橙色预警", "headline_en": "Orange rainstorm warning",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "people called"),
        ({"area": ""}, 'data-finding="warning.area"'),
        ({"act": "cancel", "reason": "over"}, "data-finding="),
        ({"colour": "green"}, "data-finding="),
        ({"effective": "tomorrow"}, "data-bad"),
    ],
)
def test_the_preview_answers_whatever_the_form_holds(changed: dict[str, str], said: str) -> None:
    answer = reader("410181", roles=("duty", "issuer")).post("/warnings/compose/preview", FORM | changed)
    assert answer.status_code == 200
    assert said in answer.content.decode()


def test_with_every_channel_taken_away_it_says_that_none_would_carry_it() -> None:
    form = FORM | {"channels_own": "1"}
    page = reader("410181", roles=("duty", "issuer")).post("/warnings/compose/preview", form).content.decode()
    assert '<span class="c-overdue">none</span>' in page
    assert "Required channels that would not be used" in page
