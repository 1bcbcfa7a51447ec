"""Papers from draft to issue: hands, versions, numbers without gaps, files kept as they were sent."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.problem import Conflict, Forbidden, Invalid, NotFound
from anlan.kernel.scope import Scope
from anlan.response.engine.paper import Paragraph
from anlan.response.formats.gbt9704_docx import text_of
from tests.response.papers.samples import notice
from tests.response.scene import BEIJING, data, person

pytestmark = pytest.mark.django_db
AT = datetime(2021, 7, 20, 16, 35, tzinfo=BEIJING)


@pytest.fixture
def hands() -> dict[str, Actor]:
    maker, checker, signer = (person(code, *roles) for code, *roles in (
        ("4101.duty", "duty"), ("4101.deputy.1", "duty", "decider"), ("4101.commander", "decider"),
    ))  # fmt: skip
    return {"maker": maker, "checker": checker, "signer": signer}


def bodies(**changed: object) -> dict[str, Any]:
    english = {
        "language": "en",
        "organ": "Flood Control Headquarters",
        "title": "Level I flood response",
        "signers": (),
        **changed,
    }
    return {"zh": notice(signers=(), **changed), "en": notice(**english)}


def drafted(by: Actor, **more: Any) -> Any:
    from anlan.response.services import paper_make

    return paper_make(by=by, kind="level_start", bodies=bodies(), division="4101", at=AT, **more)


def issued(hands: dict[str, Actor], at: datetime = AT, **more: Any) -> Any:
    from anlan.response.services import paper_check, paper_issue, paper_sign

    row = drafted(hands["maker"], **more)
    paper_check(by=hands["checker"], paper=row.pk, seen=row.digest, at=at)
    paper_sign(by=hands["signer"], paper=row.pk, seen=row.digest, at=at)
    return paper_issue(by=hands["maker"], paper=row.pk, seen=row.digest, at=at)


def test_three_hands_take_a_paper_out_and_its_number_is_the_next(hands: dict[str, Actor]) -> None:
    first, second = issued(hands), issued(hands, AT + timedelta(hours=1))
    next_year = issued(hands, AT + timedelta(days=300))
    assert [(row.word, row.year, row.number) for row in (first, second, next_year)] == [
        ("郑防指", 2021, 1), ("郑防指", 2021, 2), ("郑防指", 2022, 1)
    ]  # fmt: skip
    told = data("paper.issued")[0]
    assert told["number"] == 1
    assert told["title"]["en"] == "Level I flood response"


def test_nobody_checks_or_signs_what_is_their_own(hands: dict[str, Actor]) -> None:
    from anlan.response.services import paper_change, paper_check, paper_sign

    row = drafted(hands["maker"])
    with pytest.raises(Forbidden, match=r"paper\.separation"), transaction.atomic():
        paper_check(by=hands["maker"], paper=row.pk, seen=row.digest)
    changed = paper_change(by=hands["checker"], paper=row.pk, seen=row.digest, bodies=bodies(note="改"))
    with pytest.raises(Forbidden, match=r"paper\.separation"), transaction.atomic():
        paper_check(by=hands["checker"], paper=row.pk, seen=changed.digest)
    commander = hands["signer"]
    checking = msgspec_actor(commander, "duty", "decider")
    paper_check(by=checking, paper=row.pk, seen=changed.digest)
    with pytest.raises(Forbidden, match=r"paper\.separation"), transaction.atomic():
        paper_sign(by=checking, paper=row.pk, seen=changed.digest)


def msgspec_actor(actor: Actor, *roles: str) -> Actor:
    """The same person with other roles."""
    return Actor(
        actor.kind, actor.name, actor.scope, post=actor.post, organisation=actor.organisation, roles=frozenset(roles)
    )


def test_a_change_is_a_new_version_and_undoes_the_check(hands: dict[str, Actor]) -> None:
    from anlan.response.models import PaperVersion
    from anlan.response.services import paper_change, paper_check, paper_sign

    row = drafted(hands["maker"])
    paper_check(by=hands["checker"], paper=row.pk, seen=row.digest)
    same = paper_change(by=hands["maker"], paper=row.pk, seen=row.digest, bodies=bodies())
    assert (same.state, same.version) == ("checked", 1)
    changed = paper_change(by=hands["maker"], paper=row.pk, seen=row.digest, bodies=bodies(blocks=(Paragraph("另文"),)))
    assert (changed.state, changed.version, changed.checked_by) == ("drafted", 2, None)
    assert data("paper.changed")[-1]["undone"] == "checked"
    kept = list(PaperVersion.objects.filter(paper=row).order_by("version"))
    assert [each.version for each in kept] == [1, 2]
    assert kept[0].built == kept[1].built != kept[1].body
    with pytest.raises(Conflict, match=r"paper\.moved"), transaction.atomic():
        paper_check(by=hands["checker"], paper=row.pk, seen=row.digest)
    with pytest.raises(Conflict, match=r"paper\.state"), transaction.atomic():
        paper_sign(by=hands["signer"], paper=row.pk, seen=changed.digest)


def test_an_issued_paper_stays_and_a_later_one_takes_its_place(hands: dict[str, Actor]) -> None:
    from anlan.response.models import Paper
    from anlan.response.services import paper_change, paper_return, paper_withdraw

    old = issued(hands)
    with pytest.raises(Conflict, match=r"paper\.over"), transaction.atomic():
        paper_change(by=hands["maker"], paper=old.pk, seen=old.digest, bodies=bodies(note="x"))
    with pytest.raises(Conflict, match=r"paper\.over"), transaction.atomic():
        paper_return(by=hands["checker"], paper=old.pk, reason="x")
    with pytest.raises(Invalid, match=r"paper\.no_reason"), transaction.atomic():
        paper_withdraw(by=hands["signer"], paper=old.pk, reason=" ")
    new = issued(hands, AT + timedelta(hours=2), replaces=old.pk)
    old = Paper.objects.get(pk=old.pk)
    assert (old.state, old.number, new.number) == ("withdrawn", 1, 2)
    assert data("paper.withdrawn")[-1]["state"] == "issued"


def test_sent_back_it_returns_to_its_maker_with_the_reason(hands: dict[str, Actor]) -> None:
    from anlan.response.services import paper_check, paper_return

    row = drafted(hands["maker"])
    paper_check(by=hands["checker"], paper=row.pk, seen=row.digest)
    back = paper_return(by=hands["checker"], paper=row.pk, reason="时间有误")
    assert (back.state, back.reason, back.checked_by) == ("drafted", "时间有误", None)


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"kind": "letter"}, "paper.kind"), ({"bodies": {}}, "paper.language"), ({"bodies": "untitled"}, "paper.no_title"),
     ({"bodies": "empty"}, "paper.no_blocks")],
)  # fmt: skip
def test_what_is_lacking_is_named(hands: dict[str, Actor], changed: dict[str, Any], code: str) -> None:
    from anlan.response.services import paper_make

    whole = (
        bodies(title=" ")
        if changed.get("bodies") == "untitled"
        else bodies(blocks=())
        if changed.get("bodies") == "empty"
        else {}
    )
    how = {
        "kind": "level_start",
        "bodies": whole,
        **({"kind": changed["kind"], "bodies": bodies()} if "kind" in changed else {}),
    }
    with pytest.raises(Invalid) as refused, transaction.atomic():
        paper_make(by=hands["maker"], division="4101", **how)
    assert refused.value.code == code


def test_it_can_be_reached_in_its_own_division_only(hands: dict[str, Actor]) -> None:
    from anlan.response.selectors.papers import paper_get, papers_list
    from anlan.response.services import paper_check, paper_make

    row = drafted(hands["maker"])
    stranger = Actor("person", "外市值班员", Scope(("3717",)), roles=frozenset({"duty", "decider"}))
    with pytest.raises(Forbidden), transaction.atomic():
        paper_make(by=stranger, kind="level_start", bodies=bodies(), division="4101")
    with pytest.raises(NotFound), transaction.atomic():
        paper_check(by=stranger, paper=row.pk, seen=row.digest)
    with pytest.raises(NotFound), transaction.atomic():
        paper_get(stranger.scope, row.pk)
    assert papers_list(stranger.scope)["rows"] == []
    assert [each.pk for each in papers_list(Scope(("4101",)), kind="level_start", state="open")["rows"]] == [row.pk]


def test_the_files_are_kept_as_they_were_sent(
    hands: dict[str, Actor], fonts: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from anlan.response.models import Paper
    from anlan.response.services import paper_files

    monkeypatch.setattr(paper_files, "paper_folders", lambda make: fonts)
    row = issued(hands)
    before, media = paper_files.paper_file(by=hands["maker"], paper=row.pk, name="zh.docx")
    assert "郑防指〔2021〕1号" in text_of(before)
    assert media.endswith("document")
    assert paper_files.paper_files_make(row.pk) == 4
    assert paper_files.paper_files_make(row.pk) == 0
    row = Paper.objects.get(pk=row.pk)
    for name in paper_files.NAMES:
        content, _ = paper_files.paper_file(by=hands["maker"], paper=row.pk, name=name)
        assert hashlib.sha256(content).hexdigest() == row.files[name]["sha256"]
    with pytest.raises(NotFound), transaction.atomic():
        paper_files.paper_file(by=hands["maker"], paper=row.pk, name="zh.odt")


def test_numbers_have_neither_gaps_nor_doubles_when_many_issue_at_once(db: None) -> None:
    from django.db import connection

    from anlan.kernel.ids import new_id
    from anlan.response.services.papers_flow import _COUNT

    word, given, lock = f"并发{new_id()}"[:40], [], threading.Lock()
    settings = connection.settings_dict
    address = {key: settings[name] for key, name in (
        ("dbname", "NAME"), ("user", "USER"), ("password", "PASSWORD"), ("host", "HOST"), ("port", "PORT"),
    ) if settings[name]}  # fmt: skip

    def issue(times: int, fails: int) -> None:
        with psycopg.connect(**address) as own:
            for n in range(times):
                number = own.execute(_COUNT, [new_id(), "4101", "4101", word, 2021]).fetchone()
                if fails and n % fails == 0:
                    own.rollback()  # the issue failed after it was numbered
                    continue
                own.commit()
                with lock:
                    given.append(number[0] if number else 0)

    threads = [threading.Thread(target=issue, args=(20, fails)) for fails in (0, 3, 0, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with psycopg.connect(**address) as own:
        own.execute("DELETE FROM response_papernumber WHERE word = %s", [word])
    assert sorted(given) == list(range(1, len(given) + 1))
    assert len(given) > 60
