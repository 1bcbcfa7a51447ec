"""Issuing a warning (签发): a named person decides, the platform makes the message and calls the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from anlan.kernel import clock
from anlan.kernel.actor import Actor
from anlan.kernel.journal import record
from anlan.kernel.levels import WarningColour
from anlan.kernel.problem import Conflict
from anlan.warning import choices, rules
from anlan.warning.channels import switchboard
from anlan.warning.events import ChannelMissing, ProposalIssued, WarningIssued, WarningUpdated
from anlan.warning.models import ChannelUse, Warning, WarningProposal
from anlan.warning.services import audience, placing
from anlan.warning.services.calls import calls_close, calls_place
from anlan.warning.services.checks import check_area, check_codes, check_contradictions, check_instruction, check_times
from anlan.warning.services.compose import compose
from anlan.warning.services.message import cap_file
from anlan.warning.services.rows import every_text, warning_row
from anlan.warning.services.sending import public_send
from anlan.warning.services.values import Drawn, Texts


@transaction.atomic
def warning_issue(
    *,
    by: Actor,
    hazard: str,
    colour: str,
    area: Sequence[str],
    texts: Texts | None = None,
    issuer_kind: str = "weather",
    effective: datetime | None = None,
    expires: datetime | None = None,
    proposal: WarningProposal | None = None,
    references: Warning | None = None,
    channels: Sequence[str] | None = None,
    second_sign: Actor | None = None,
    words: Mapping[str, Any] | None = None,
    drawn: Drawn | None = None,
    at: datetime | None = None,
) -> Warning:
    """Issue a warning for `area` (division prefixes), write its CAP file, and call everybody the ladder names.

    `texts` None composes the words from the packs. `references` makes it an update of that warning's chain.
    `words` are those of the audiences and of the short message, as `Warning.words` keeps them; without them the packs'.
    `drawn`: what the area was drawn as, which goes out as polygons and circles, and CAP's incidents and note.
    `channels` are the channel codes to use (None: all that are set up); a required one not used is a red item.
    Raises Forbidden (not an issuer there), Invalid `warning.no_instruction` and others, Conflict
    `warning.contradiction` (the words go against a stop order and nobody signed second), `warning.over`,
    `proposal.closed`.
    """
    moment = at or clock.now()
    check_codes(hazard, colour, issuer_kind)
    places = check_area(area)
    for code in places:
        by.must("warning.issue", code)
    said = texts if texts is not None else compose(hazard, colour, places)
    start = effective or moment
    end = expires or start + timedelta(seconds=rules.proposals().valid_s[colour])
    check_times(start, end)
    check_instruction(said, hazard, colour)
    check_contradictions(said, places, by, second_sign, every_text(words))
    if proposal is not None:
        proposal = _proposal_locked(proposal.id)
    first, standing = chain_locked(references) if references is not None else (None, None)
    warning = warning_row(
        by=by, hazard=hazard, colour=colour, area=places, texts=said, issuer_kind=issuer_kind, lasts=(start, end),
        first=first, words=words, drawn=drawn, at=moment,
    )  # fmt: skip
    warning.cap_xml = cap_file(warning, "Update" if first else "Alert", earlier(first, standing), at=moment)
    warning.save(force_insert=True)
    if standing is not None:
        _give_way(by, standing, warning, moment)
    used = _channels_use(by, warning, channels, moment)
    count = calls_place(by=by, warning=warning, channels=used, at=moment)
    once = {*choices.PUBLIC_CHANNELS, *choices.GROUP_CHANNELS} - placing.held_back(warning)
    public_send(warning, [code for code in used if code in once], moment)
    told = _issued(warning, first, proposal, count, used, second_sign)
    record(told, by=by, about=f"warning:{warning.id}", division=warning.division, at=moment)
    _proposals_close(by, warning, proposal, moment)
    return warning


def chain_locked(warning: Warning) -> tuple[Warning, Warning]:
    """The first message of the chain and the one now in force, locked. Conflict when the chain has ended."""
    first = Warning.objects.select_for_update().get(id=warning.references_id or warning.id)
    later = Warning.objects.select_for_update().filter(references=first).order_by("issued_at", "id")
    standing = [w for w in (first, *later) if w.state == "in_force"]
    if not standing:
        raise Conflict(
            code="warning.over",
            zh=f"预警{first.number}已结束，不能再更新或解除；请发布新预警。",
            en=f"Warning {first.number} is over; issue a new one instead.",
            field="references",
            value=first.number,
        )
    return first, standing[-1]


def _proposal_locked(ident: UUID) -> WarningProposal:
    proposal = WarningProposal.objects.select_for_update().get(id=ident)
    if proposal.state not in {"open", "lapsed"}:
        raise Conflict(
            code="proposal.closed",
            zh="此建议已办结；请刷新后查看结果。",
            field="proposal",
            value=proposal.state,
            en="This proposal is already decided; refresh to see the outcome.",
        )
    return proposal


def earlier(first: Warning | None, standing: Warning | None) -> list[Warning]:
    """The messages of a chain a new one acts on: the first, and the one in force."""
    return [w for i, w in enumerate((first, standing)) if w is not None and (i == 0 or w != first)]


def _give_way(by: Actor, old: Warning, new: Warning, at: datetime) -> None:
    old.state, old.state_at = "updated", at
    old.save(update_fields=["state", "state_at"])
    calls_close(by=by, warning=old, at=at)
    record(
        WarningUpdated(warning=str(old.id), number=old.number, by=str(new.id)),
        by=by,
        about=f"warning:{old.id}",
        division=old.division,
        at=at,
    )


def _channels_use(by: Actor, warning: Warning, wanted: Sequence[str] | None, at: datetime) -> list[str]:
    """Note which channels are used and which required ones are missing; returns those used."""
    rule = audience.ladder_rule(warning.hazard, warning.colour, at)
    ready = switchboard.available()
    chosen = [
        code
        for code in choices.CHANNELS
        if code in ready and (wanted is None or code in wanted) and code in {*rule.named, *(wanted or ())}
    ]
    missing = [code for code in rule.required_channels if code not in chosen]
    ChannelUse.objects.bulk_create(
        [
            ChannelUse(
                division=warning.division,
                warning=warning,
                channel=code,
                required=code in rule.required_channels,
                state="missing" if code in missing else "used",
                at=at,
            )
            for code in (*chosen, *missing)
        ]
    )
    for code in missing:
        record(
            ChannelMissing(warning=str(warning.id), number=warning.number, channel=code, colour=warning.colour),
            by=by,
            about=f"warning:{warning.id}",
            division=warning.division,
            at=at,
        )
    return chosen


def _issued(
    warning: Warning,
    first: Warning | None,
    proposal: WarningProposal | None,
    count: int,
    used: list[str],
    second_sign: Actor | None,
) -> WarningIssued:
    return WarningIssued(
        warning=str(warning.id),
        number=warning.number,
        msg_type="Update" if first else "Alert",
        hazard=warning.hazard,
        colour=warning.colour,
        issuer_kind=warning.issuer_kind,
        area=warning.area,
        headline={"zh": warning.headline_zh, "en": warning.headline_en},
        instruction={"zh": warning.instruction_zh, "en": warning.instruction_en},
        effective=warning.effective,
        expires=warning.expires,
        references=str(first.id) if first else None,
        proposal=str(proposal.id) if proposal else None,
        targeted=count,
        channels=used,
        drill=warning.drill,
        second_sign=second_sign.name if second_sign else None,
    )


def _proposals_close(by: Actor, warning: Warning, answered: WarningProposal | None, at: datetime) -> None:
    """Close the proposal that was answered, and every open one this warning covers at the same or a higher colour."""
    rank = WarningColour.of(warning.colour)
    open_ones = WarningProposal.objects.select_for_update().filter(state="open", hazard=warning.hazard).order_by("id")
    covered = {
        p.id: p for p in open_ones if p.division.startswith(tuple(warning.area)) and WarningColour.of(p.colour) <= rank
    }
    if answered is not None:
        covered[answered.id] = answered
    for proposal in covered.values():
        proposal.state, proposal.warning, proposal.decided_at, proposal.due_at = "issued", warning, at, None
        proposal.save(update_fields=["state", "warning", "decided_at", "due_at"])
        record(
            ProposalIssued(
                proposal=str(proposal.id),
                warning=str(warning.id),
                seconds=int((at - proposal.opened_at).total_seconds()),
            ),
            by=by,
            about=f"proposal:{proposal.id}",
            division=proposal.division,
            at=at,
        )
