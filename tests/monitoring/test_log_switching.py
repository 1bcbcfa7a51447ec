"""Going over to another log: only when the old one is judged, and from the oldest message that the new one holds."""

from __future__ import annotations

import pytest

from anlan.kernel.actor import Actor
from anlan.kernel.models import Entry
from anlan.kernel.problem import Conflict
from anlan.monitoring.models import LogEntry, LogHead, Progress
from anlan.monitoring.services import log_switching
from anlan.monitoring.services.log_switching import log_switch
from anlan.monitoring.sources.log import log_inline

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


class OtherLog:
    """A log elsewhere that still holds messages from 5 on."""

    name = "jetstream"

    def identity(self, shard: int) -> str:
        return f"js-{shard}"

    def first(self, shard: int) -> int:
        return 5


@pytest.fixture(autouse=True)
def other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_switching, "log_open", OtherLog)


def stands(done: int, head: int, log: str = "postgres") -> None:
    Progress.objects.update_or_create(shard=0, defaults={"log": log, "done": done, "chain": "abc"})
    LogHead.objects.update_or_create(shard=0, defaults={"head": head})


def test_what_was_judged_to_the_end_goes_over() -> None:
    stands(7, 7)
    assert log_switch(by=BY) == [(0, "postgres", "js-0", 4, 0)]
    row = Progress.objects.get()
    assert (row.log, row.done, row.chain) == ("js-0", 4, "")
    assert Entry.objects.get(kind="log.switched").data["now"] == "js-0"
    assert log_switch(by=BY) == []


def test_messages_nobody_judged_keep_it_where_it_is() -> None:
    stands(5, 7)
    with pytest.raises(Conflict) as refused:
        log_switch(by=BY)
    assert "2" in refused.value.en and "--abandon" in refused.value.en and "--abandon" in refused.value.zh
    assert Progress.objects.get().log == "postgres"
    assert log_switch(by=BY, abandon=True)[0].unjudged == 2


def test_a_stream_made_anew_is_taken_up_only_by_order() -> None:
    stands(9, 0, "js-old")
    with pytest.raises(Conflict):
        log_switch(by=BY)
    assert log_switch(by=BY, abandon=True) == [(0, "js-old", "js-0", 4, None)]


def test_the_way_back_begins_at_what_the_table_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_switching, "log_open", log_inline)
    stands(9, 7, "js-0")
    assert log_switch(by=BY, abandon=True)[0].done == 7
    LogEntry.objects.all().delete()
    Progress.objects.update(log="js-0", done=9)
    LogEntry.objects.create(shard=0, number=6, taken_at="2026-11-22T00:00:00Z", body=b"")
    assert log_switch(by=BY, abandon=True)[0].done == 5
