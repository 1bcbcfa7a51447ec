"""Events of a bureau's own rules. The docstrings are the public documentation."""

from __future__ import annotations

from datetime import date

from anlan.kernel.journal import Event


class LocalRuleDrafted(Event, kind="local_rule.drafted", version=1):
    """Somebody wrote a version of a rule for the own area (本级规则拟定). rule: its id; rule_kind: grade or clock; code; number;
    valid_from; document: the text it stands on; sha256: over its content; note: why."""

    rule: str
    rule_kind: str
    code: str
    number: int
    valid_from: date
    document: str
    sha256: str
    note: str


class LocalRuleApproved(Event, kind="local_rule.approved", version=1):
    """Another hand approved it: it holds for events from valid_from on (本级规则批准). rule; rule_kind; code; number; replaces:
    the number whose days end there, or null."""

    rule: str
    rule_kind: str
    code: str
    number: int
    valid_from: date
    replaces: int | None


class LocalRuleOvertaken(Event, kind="local_rule.overtaken", version=1):
    """What was approved for a wider area leaves more than this version does: its next one has to follow (本级规则已宽于上级). rule;
    rule_kind; code; number; above: the version that overtook it; binds: the code of the row that binds; from_day; field; text:
    {zh, en}, what it asks."""

    rule: str
    rule_kind: str
    code: str
    number: int
    above: str
    binds: str
    from_day: date
    field: str
    text: dict[str, str]


class LocalRuleEnded(Event, kind="local_rule.ended", version=1):
    """It was not taken, or taken back: the wider area's or the shipped rule holds again for events from valid_to on
    (本级规则撤回). rule; rule_kind; code; number; state: dropped or withdrawn; valid_to; reason."""

    rule: str
    rule_kind: str
    code: str
    number: int
    state: str
    valid_to: date | None
    reason: str
