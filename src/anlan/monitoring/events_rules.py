"""What can happen to rules, to the orders that mute signals, and to signals that are not passed on."""

from __future__ import annotations

from typing import Any

from anlan.kernel.journal import Event


class RuleChanged(Event, kind="rule.changed", version=1):
    """A bureau made a version of a rule, or took its own back (规则变更). Open signals keep the version they have.

    code: which rule; division: where it holds; rule_version, previous: versions now and before ('' for the shipped
    one); valid_from, valid_to: from and until when, by the time of the readings (ISO; valid_to null without end);
    withdrawn: it was taken back; note: why; sha256: of the rule's body as JSON with sorted keys.
    """

    code: str
    division: str
    rule_version: str
    previous: str
    valid_from: str
    valid_to: str | None
    withdrawn: bool
    note: str
    sha256: str


class MuteSet(Event, kind="mute.set", version=1):
    """Somebody ordered signals not to be passed on for a while (设置静默).

    mute: its id; match: what must fit (rule, place, station, element, hazard); all_levels: the highest levels too;
    reason: why; from_at, until_at: from and until when (ISO).
    """

    mute: str
    match: dict[str, str]
    all_levels: bool
    reason: str
    from_at: str
    until_at: str


class MuteEnded(Event, kind="mute.ended", version=1):
    """A mute ended (静默结束). mute: its id; early: before its time, by a person; reason: why it was set."""

    mute: str
    early: bool
    reason: str


class SignalPassing(Event):
    """What is told when a signal is held back or let go (not an event by itself).

    signal: its id; station: station code ('' for an area); name: of station or area in zh and en; station_kind: kind of
    station; rule, rule_version, level: what it says; hazard: code; reason: why it was held back, as a code and what it
    refers to ("mute:<id>", "inhibited:<signal>", "storm:<group>"); group: hazard, county and time it stands in;
    explanation: of the signal itself.
    """

    signal: str
    station: str
    name: dict[str, str]
    station_kind: str
    rule: str
    rule_version: str
    level: str
    hazard: str
    reason: str
    group: str
    explanation: dict[str, Any]


class SignalMuted(SignalPassing, kind="signal.muted", version=1):
    """A firing signal is not passed on: muted, inhibited, or one of a storm (信号静默). Fields as of `SignalPassing`."""


class SignalUnmuted(SignalPassing, kind="signal.unmuted", version=1):
    """A firing signal that was held back is passed on now (信号恢复传递). Fields as of `SignalPassing`; `reason` is why
    it had been held back."""
