"""Proposals: the first red signal opens one, not deciding is recorded and climbs (F1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.problem import Conflict, Forbidden, Invalid
from anlan.monitoring.events import SignalOpened, SignalRaised
from anlan.monitoring.rules import shipped_words
from anlan.warning import choices, rules
from anlan.warning.models import WarningProposal
from anlan.warning.services import proposal_decline, warning_issue, warning_propose
from anlan.warning.tasks import sweep
from tests.warning.conftest import DUTY, ISSUER, SCENARIO, T0

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("tiny")]
Entries = Callable[..., list[Any]]
MINUTE = timedelta(minutes=1)


def signal(level: str, kind: type[SignalOpened] | type[SignalRaised] = SignalOpened, division: str = "410181100",
           minutes: int = 0, station_kind: str = "rain", rule: str = "rainstorm") -> None:  # fmt: skip
    event = kind(
        signal=str(uuid4()), station="G1", name={"zh": "米河", "en": "Mihe"}, station_kind=station_kind, metric="rain",
        place=None, rule=rule, rule_version="1", level=level, previous="", value=101.0, threshold=100.0, unit="mm",
        window_h=3, explanation={"zh": "3小时101毫米", "en": "101 mm in 3 h"},
    )  # fmt: skip
    with transaction.atomic():
        record(event, by=Actor.system("monitoring"), about="signal:x", division=division, at=T0 + minutes * MINUTE)
    run_until_quiet(strict=True)


def propose(colour: str = "red", minutes: int = 0) -> WarningProposal | None:
    return warning_propose(by=SCENARIO, division="410181", hazard="11B03", colour=colour, at=T0 + minutes * MINUTE,
                           explanation={"zh": "雨", "en": "rain"})  # fmt: skip


def test_f1_a_red_signal_opens_a_proposal_at_once_with_a_named_decider(entries: Entries) -> None:
    signal("red")
    (opened,) = entries("proposal.opened")
    assert opened[2] == T0
    assert opened[3]["colour"] == "red"
    assert opened[3]["area"] == ["410181"]
    assert opened[3]["decider"].startswith("410181")
    proposal = WarningProposal.objects.get()
    assert proposal.due_at == T0 + 10 * MINUTE
    assert proposal.explanation["zh"] == "3小时101毫米"


def test_f1_not_deciding_is_recorded_and_climbs_until_it_lapses(entries: Entries) -> None:
    signal("red")
    sweep(T0 + 60 * MINUTE)
    told = entries("proposal.escalated", "proposal.lapsed")
    assert [(kind, at) for kind, _, at, _ in told] == [
        ("proposal.escalated", T0 + 10 * MINUTE), ("proposal.escalated", T0 + 20 * MINUTE),
        ("proposal.lapsed", T0 + 30 * MINUTE)]  # fmt: skip
    undecided = [data["undecided"] for _, _, _, data in told]
    assert len(set(undecided)) == 3
    assert told[0][3]["decider"] == undecided[1]
    assert WarningProposal.objects.get().state == "lapsed"


@pytest.mark.parametrize(("rule", "level", "kind", "told"), [
    ("rainstorm", "yellow", "rain", None), ("rainstorm", "blue", "rain", None), ("rainstorm", "orange", "rain", ("11B03", "orange")),
    ("water_level", "guarantee", "level", ("11A01", "red")), ("road_depth", "stop", "level", None),
    ("flash_flood", "move", "rain", ("11A06", "red")), ("basin_rain", "heavy", "basin", ("11B03", "orange")),
    ("level_rise", "fast", "level", None), ("ground_rate", "fast", "slide", ("11D01", "orange")),
    ("gas", "warning", "gas", None), ("of_a_bureau", "red", "rain", ("11B03", "red")), ("of_a_bureau", "red", "wind", None),
])  # fmt: skip
def test_which_signals_propose(rule: str, level: str, kind: str, told: tuple[str, str] | None) -> None:
    signal(level, station_kind=kind, rule=rule)
    assert [(p.hazard, p.colour) for p in WarningProposal.objects.all()] == ([told] if told else [])


def test_every_grave_level_of_every_pack_is_proposed_in_its_colour_or_named_as_none() -> None:
    pack, named = rules.proposals(), set(choices.HAZARDS)
    shipped = {words.code: words for words in shipped_words().values()}
    assert set(shipped) == set(pack.signals) | pack.unwarned
    assert not set(pack.signals) & pack.unwarned
    for code, proposed in pack.signals.items():
        grave = {level.code: level.colour for level in shipped[code].levels if level.colour in ("orange", "red")}
        assert dict(proposed.levels) == grave, code
        assert proposed.hazard == shipped[code].hazard
        assert proposed.hazard in named


def test_one_open_proposal_a_county_and_a_higher_colour_supersedes(entries: Entries) -> None:
    signal("orange")
    signal("orange", division="410181103", minutes=1)
    signal("red", SignalRaised, minutes=2)
    signal("red", division="410182001", minutes=3)
    found = {(p.division, p.colour): p.state for p in WarningProposal.objects.all()}
    assert found == {("410181", "orange"): "superseded", ("410181", "red"): "open", ("410182", "red"): "open"}
    assert len(entries("proposal.superseded")) == 1


def test_an_issued_warning_closes_what_it_covers_and_is_not_proposed_again() -> None:
    orange = propose("orange")
    warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], at=T0 + MINUTE)
    assert orange is not None
    orange.refresh_from_db()
    assert orange.state == "issued"
    assert propose("red", 2) is None
    sweep(T0 + 4 * 60 * MINUTE)
    assert propose("red", 241) is not None


def test_a_lower_warning_leaves_the_proposal_open_unless_it_answers_it() -> None:
    red = propose()
    assert red is not None
    warning_issue(by=ISSUER, hazard="11B03", colour="orange", area=["410181"], at=T0 + MINUTE)
    red.refresh_from_db()
    assert red.state == "open"
    issued = warning_issue(
        by=ISSUER, hazard="11B03", colour="orange", area=["410181"], proposal=red, at=T0 + 2 * MINUTE
    )
    red.refresh_from_db()
    assert (red.state, red.warning) == ("issued", issued)
    with pytest.raises(Conflict):
        warning_issue(by=ISSUER, hazard="11B03", colour="red", area=["410181"], proposal=red, at=T0 + 3 * MINUTE)


def test_declining_needs_a_right_and_a_reason() -> None:
    proposal = propose()
    assert proposal is not None
    with pytest.raises(Invalid):
        proposal_decline(by=DUTY, proposal=proposal, reason=" ")
    stranger = Actor("person", "x", DUTY.scope, roles=frozenset({"responder"}))
    with pytest.raises(Forbidden):
        proposal_decline(by=stranger, proposal=proposal, reason="no")
    assert proposal_decline(by=DUTY, proposal=proposal, reason="仪器故障", at=T0 + MINUTE).state == "declined"
    with pytest.raises(Conflict):
        proposal_decline(by=DUTY, proposal=proposal, reason="again")
    assert sweep(T0 + 60 * MINUTE) == 0
