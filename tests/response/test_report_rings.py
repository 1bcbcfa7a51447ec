"""Reports that ring: the desk shortly before its limit, the desk above when it was not sent; who is not rung; pages and drills."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from anlan.kernel import clock
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.response.models import ReportDuty
from anlan.response.services import (
    Told,
    incident_close,
    incident_owed,
    report_ask,
    report_file,
)
from anlan.response.tasks import next_due, sweep
from anlan.territory.models import Post
from anlan.territory.selectors.people import on_duty
from anlan.warning.models import OutboxMessage, Ringing
from tests.response.reporting import T0, DrillClock, accident, flood
from tests.response.ringing import drilled, pressed, rung, said, shown, way
from tests.response.scene import SCENE, SYSTEM, person
from tests.response.test_page_slips import reader

pytestmark = pytest.mark.django_db


def minute(n: float) -> datetime:
    return T0 + timedelta(minutes=n)


def owing(rule: str, division: str = "410182") -> ReportDuty:
    return ReportDuty.objects.select_related("post__superior").get(rule=rule, division=division)


def sits(post: Post | None) -> set[Any]:
    assert post is not None
    return {one.person_id for one in on_duty([post.pk], T0)[post.pk].values()}


@pytest.fixture
def serious(drill: DrillClock) -> Any:
    """A serious accident in a county, whose desk owes a call in 15 minutes and a paper in 35."""
    row = accident("serious")
    incident_owed(by=SYSTEM, incident=row, at=T0)
    return row


def test_the_desk_is_rung_before_each_limit_and_the_desk_above_at_the_limit(serious: Any) -> None:
    way()
    duty = owing("henan_phone")
    sweep(minute(9.9))
    assert not Ringing.objects.exists()
    sweep(minute(10))
    first = rung(f"reportduty:{duty.pk}")
    assert (first.rung_at, first.person in sits(duty.post)) == (minute(10), True)
    words = said(first)
    assert "“某厂爆炸”电话首报" in words.zh and "应于10:15前报送" in words.zh and "请立即报送" in words.zh
    assert "First report (telephone) on “Explosion at a plant”" in words.en and "by 10:15" in words.en
    sweep(minute(15))
    second = rung(f"reportduty:{duty.pk}", 1)
    assert (second.rung_at, second.person in sits(Post.objects.get(code="4101.duty"))) == (minute(15), True)
    assert "逾时未报" in said(second).zh and "not sent by" in said(second).en
    sweep(minute(31))
    written = rung(f"reportduty:{owing('henan_written_serious').pk}")
    assert "书面首报" in said(written).zh and "10:35" in said(written).zh


def test_sent_in_time_ends_the_ring_and_nobody_above_hears_of_it(serious: Any, drill: DrillClock) -> None:
    way()
    duty = owing("henan_phone")
    sweep(minute(10))
    drill.to(minute(12))
    told = Told(form="phone", channel="phone")
    report_file(by=person("410182.duty", "duty"), division="410182", figures={"dead": 10}, kind="first",
                incident=serious.pk, told=told)  # fmt: skip
    assert rung(f"reportduty:{duty.pk}").state == "called_off"
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"cancelled"}
    sweep(minute(20))
    assert not Ringing.objects.filter(about=f"reportduty:{duty.pk}", step=1).exists()


def test_sent_before_the_ring_rings_nobody(serious: Any, drill: DrillClock) -> None:
    way()
    drill.to(minute(4))
    for told in (Told(form="phone", channel="phone"), Told()):
        report_file(by=person("410182.duty", "duty"), division="410182", figures={"dead": 10}, kind="first",
                    incident=serious.pk, told=told)  # fmt: skip
    sweep(minute(59))
    assert not Ringing.objects.filter(division="410182").exists()


def test_what_the_unit_owes_rings_its_county_when_it_has_not_come(serious: Any) -> None:
    way()
    duty = owing("unit_first")
    assert (duty.by, duty.ring_at) == ("unit", None)
    sweep(minute(60))
    ring = rung(f"reportduty:{duty.pk}", 1)
    assert ring.person in sits(Post.objects.get(code="410182.duty"))
    assert "的事发单位应于11:00前报送" in said(ring).zh and "the unit concerned in" in said(ring).en


def test_a_key_has_heard_and_sends_no_report(serious: Any) -> None:
    voice, duty = way(), owing("henan_phone")
    sweep(minute(10))
    assert pressed(voice, rung(f"reportduty:{duty.pk}"), minute(11)) == "answered"
    duty.refresh_from_db()
    assert (duty.ended_at, duty.met_at) == (None, None)
    sweep(minute(15))
    assert rung(f"reportduty:{duty.pk}", 1).state == "ringing", "who has heard has not reported"


def test_what_is_owed_no_more_rings_nobody_any_more(serious: Any) -> None:
    way()
    sweep(minute(10))
    serious.grade = "ordinary"
    serious.save(update_fields=["grade"])
    incident_owed(by=SYSTEM, incident=serious, at=minute(11))
    assert set(Ringing.objects.values_list("state", flat=True)) == {"called_off"}
    assert not ReportDuty.objects.filter(ended_at__isnull=False, ring_at__isnull=False).exists()
    assert ReportDuty.objects.filter(ring_at__isnull=False).exists()
    incident_close(by=SCENE, incident=serious.pk, reason="处置结束", at=minute(12))
    run_until_quiet(strict=True)
    assert not ReportDuty.objects.filter(ring_at__isnull=False).exists()
    sweep(minute(600))
    assert not Ringing.objects.filter(rung_at__gt=minute(12)).exists()


def test_known_so_late_that_the_limit_is_near_the_desk_is_rung_at_once(drill: DrillClock) -> None:
    way()
    row = accident("serious")
    incident_owed(by=SYSTEM, incident=row, at=minute(13))
    assert owing("henan_phone").ring_at == minute(13)
    assert next_due() == minute(13)


def test_of_many_at_once_the_desk_above_gets_one_call_written_in_as_many_statements_as_of_few(
    drill: DrillClock,
) -> None:
    way()
    found = flood("4101")
    owed = list(ReportDuty.objects.filter(disaster=found, kind="first").select_related("post").order_by("division"))
    due = {row.next_due_at for row in owed}
    assert len(owed) > 5 and len(due) == 1
    (limit,) = due
    assert limit is not None
    sweep(limit - timedelta(minutes=5))
    assert Ringing.objects.filter(about__startswith="reportduty:", step=0).count() == len(owed)
    with CaptureQueriesContext(connection) as many, transaction.atomic():
        sweep(limit)
        (call,) = Ringing.objects.filter(about__startswith="reportduties:")
        assert call.person in sits(Post.objects.get(code="4101.duty"))
        assert f"等{len(owed)}地" in said(call).zh and f"and {len(owed) - 5} more" in said(call).en
        one = rung(f"reportduty:{owed[-1].pk}", 1)
        assert (one.state, one.why) == ("unrung", "together")
        text = shown(f"reportduty:{owed[-1].pk}", "en")
        assert "told in one call about several" in text and "Desk above" in text and "Voice call" in text
        transaction.set_rollback(True)
    ReportDuty.objects.filter(pk__in=[row.pk for row in owed[2:]]).update(next_due_at=None)
    with CaptureQueriesContext(connection) as two:
        sweep(limit)
    written = [[one for one in seen if 'INTO "warning_' in one["sql"]] for seen in (many, two)]
    assert len(written[0]) == len(written[1]) > 0, "calls are written in sets"


def test_what_is_owed_daily_does_not_ring_and_what_a_superior_asked_for_does(drill: DrillClock) -> None:
    way()
    found = flood("4101")
    asked = report_ask(by=person("4101.duty", "duty"), division="410182", words="核实失踪人数", due_at=minute(60),
                       disaster=found.pk, kind="zero")  # fmt: skip
    recurring = ReportDuty.objects.filter(disaster=found).exclude(interval_h=0, daily_at=[])
    assert recurring.exists() and not recurring.filter(ring_at__isnull=False).exists()
    sweep(minute(55))
    assert rung(f"reportduty:{asked.pk}").rung_at == minute(55)
    drill.to(minute(56))
    report_file(by=person("410182.duty", "duty"), division="410182", figures={}, disaster=found.pk)
    assert rung(f"reportduty:{asked.pk}").state == "called_off"


def test_pages_show_how_it_rang_in_both_languages(serious: Any) -> None:
    way()
    with clock.at(minute(11)):
        sweep(minute(11))
    for language, words in (("zh", ("语音电话", "应报值班")), ("en", ("Voice call", "Desk that owes it"))):
        with clock.at(minute(11)):
            for address in ("/response/reports", f"/response/incidents/{serious.pk}"):
                page = reader(language=language).get(address).content.decode()
                assert [word for word in words if word not in page] == [], address
    with clock.at(minute(16)):
        sweep(minute(16))
        page = reader(language="en").get("/response/reports").content.decode()
    assert page.count("Desk above") == 1


def test_in_a_drill_nobody_is_rung_and_the_journal_is_the_same_with_ways_and_without(drill: DrillClock) -> None:
    def play() -> None:
        incident_owed(by=SYSTEM, incident=accident("serious"), at=T0)
        sweep(minute(40))

    without, with_ways = drilled(play, T0)
    assert without == with_ways
    assert "report.breach" in {one[1] for one in without}
