"""Who acts: a person at a post, the system itself, or the scenario of a drill."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from anlan.kernel.problem import Forbidden
from anlan.kernel.scope import Scope

Kind = Literal["person", "system", "scenario", "anonymous"]

# Which roles may do which acts. One table, read by `must` and shown on the accounts page.
ACTS: dict[str, frozenset[str]] = {
    "warning.issue": frozenset({"issuer"}),
    "warning.draft": frozenset({"issuer", "duty"}),
    "warning.check": frozenset({"issuer", "duty", "decider"}),
    "warning.decline": frozenset({"issuer", "duty"}),
    "warning.receive": frozenset({"gateway", "duty"}),
    "warning.release": frozenset({"issuer"}),
    "feed.manage": frozenset({"admin"}),
    "warning.channels": frozenset({"admin"}),
    "call.answer": frozenset({"responder", "duty", "decider", "issuer"}),
    "call.log": frozenset({"duty"}),
    "level.decide": frozenset({"decider"}),
    "task.receive": frozenset({"responder", "duty", "decider"}),
    "task.done": frozenset({"responder", "duty", "decider"}),
    "task.verify": frozenset({"duty", "decider"}),
    "order.draft": frozenset({"duty", "decider"}),
    "order.check": frozenset({"duty", "decider"}),
    "order.sign": frozenset({"decider"}),
    "order.issue": frozenset({"duty", "decider"}),
    "order.close": frozenset({"duty", "decider"}),
    "attachment.add": frozenset({"responder", "duty", "decider"}),
    "stopline.act": frozenset({"responder", "duty"}),
    "incident.open": frozenset({"duty", "responder", "decider"}),
    "incident.receive": frozenset({"duty", "responder", "decider", "gateway"}),
    "incident.grade": frozenset({"duty", "decider"}),
    "casualty.enter": frozenset({"duty", "responder"}),
    "command.checkin": frozenset({"decider", "duty", "responder"}),
    "command.adopt": frozenset({"decider"}),
    "command.set_up": frozenset({"decider", "duty"}),
    "command.take": frozenset({"decider"}),
    "command.log": frozenset({"decider", "duty", "responder"}),
    "command.intake": frozenset({"decider", "duty", "responder"}),
    "command.decide": frozenset({"decider", "duty"}),
    "command.withdraw": frozenset({"decider", "duty", "responder"}),
    "contact.heard": frozenset({"duty", "responder"}),
    "plan.write": frozenset({"duty", "decider"}),
    "plan.cosign": frozenset({"duty", "responder", "decider"}),
    "plan.approve": frozenset({"decider"}),
    "plan.record": frozenset({"duty", "decider"}),
    "paper.draft": frozenset({"duty", "decider", "issuer"}),
    "paper.check": frozenset({"duty", "decider", "issuer"}),
    "paper.sign": frozenset({"decider"}),
    "paper.issue": frozenset({"duty", "decider"}),
    "report.file": frozenset({"duty", "responder"}),
    "report.acknowledge": frozenset({"duty", "decider"}),
    "report.ask": frozenset({"duty", "decider"}),
    "disaster.manage": frozenset({"duty", "decider"}),
    "duty.roster": frozenset({"duty", "decider"}),
    "duty.swap": frozenset({"duty", "responder", "decider"}),
    "duty.approve": frozenset({"decider"}),
    "duty.presence": frozenset({"duty", "responder", "decider"}),
    "duty.check": frozenset({"decider", "auditor"}),
    "duty.log": frozenset({"duty", "decider"}),
    "duty.handover": frozenset({"duty", "decider"}),
    "readings.take": frozenset({"gateway", "duty"}),
    "readings.archive": frozenset({"admin"}),
    "station.register": frozenset({"admin"}),
    "station.isolate": frozenset({"duty"}),
    "station.limits": frozenset({"duty"}),
    "rule.write": frozenset({"duty"}),
    "table.write": frozenset({"duty", "decider"}),
    "table.approve": frozenset({"decider"}),
    "mute.set": frozenset({"duty"}),
    "person.unmask": frozenset({"duty", "auditor"}),
    "people.write": frozenset({"registrar", "duty"}),
    "regulator.assign": frozenset({"registrar", "duty"}),
    "licence.write": frozenset({"registrar", "duty"}),
    "quality.mend": frozenset({"registrar", "duty"}),
    "merge.decide": frozenset({"registrar", "duty"}),
    "hold.set": frozenset({"duty", "auditor"}),
    "people.purge": frozenset({"auditor"}),
    "drill.control": frozenset({"admin", "duty"}),
    "account.manage": frozenset({"admin"}),
    "divisions.manage": frozenset({"admin"}),
    "imports.run": frozenset({"registrar", "duty"}),
    "register.export": frozenset({"registrar", "duty", "auditor"}),
    "units.write": frozenset({"registrar", "duty"}),
    "places.write": frozenset({"registrar", "duty"}),
    "organisations.write": frozenset({"registrar"}),
}

# Which right a program's token needs for an act, by the act's first word; what is not named is the territory's.
RIGHT_OF_ACT: dict[str, str] = {
    "person.unmask": "territory.personal", "register.export": "territory.bulk", "people.purge": "",
    "warning": "warning.write", "call": "warning.write", "feed": "warning.write",
    **dict.fromkeys(("level", "task", "stopline", "incident", "order", "attachment"), "response.write"),
    **dict.fromkeys(("casualty", "command", "contact", "report", "disaster", "plan", "paper", "duty", "table"), "response.write"),
    "readings": "monitoring.write", "station": "monitoring.write", "rule": "monitoring.write", "mute": "monitoring.write",
    "incident.receive": "response.transfer",  # a 110 or 119 centre's program hands reports in and does nothing else
    "drill": "", "account": "", "divisions": "",  # no token does these
}  # fmt: skip


def right_of(act: str) -> str:
    """Return the right a token needs for `act`; "" where no token may."""
    return RIGHT_OF_ACT.get(act, RIGHT_OF_ACT.get(act.partition(".")[0], "territory.write"))


@dataclass(frozen=True)
class Actor:
    """Who does something, and with what reach. Written into every journal entry.

    `account`: the account signed in with, if one is. `rights` is None for people; a program that came in by a token
    (`token` is its name) may do no more than these rights say.
    """

    kind: Kind
    name: str
    scope: Scope = field(default_factory=Scope)
    person: UUID | None = None
    post: UUID | None = None
    organisation: UUID | None = None
    roles: frozenset[str] = frozenset()
    account: int | None = None
    token: str = ""
    rights: frozenset[str] | None = None

    @classmethod
    def system(cls, name: str) -> Actor:
        """Return the platform acting by itself, on behalf of the stage `name`."""
        return cls("system", name, Scope.whole())

    @classmethod
    def scenario(cls, name: str) -> Actor:
        """Return a simulated person of a drill."""
        return cls("scenario", name, Scope.whole())

    def may(self, act: str, division: str) -> bool:
        """May this actor do `act` in `division`? System and scenario may; a person needs role and scope."""
        if self.kind in ("system", "scenario"):
            return True
        if not self.scope.covers(division) or not self.has_right(right_of(act)):
            return False
        return "admin" in self.roles or bool(self.roles & ACTS.get(act, frozenset()))

    def has_right(self, right: str) -> bool:
        """Does the token allow `right`? People signed in by themselves need none."""
        return self.rights is None or right in self.rights

    def must_have(self, right: str) -> None:
        """Raise Forbidden unless `has_right`."""
        if not self.has_right(right):
            raise Forbidden(
                code="token.right",
                zh=f"令牌“{self.token}”没有权限“{right}”；请另发一个有此权限的令牌。",
                en=f"The token “{self.token}” has no right “{right}”; make one that has it.",
                field="Authorization",
                value=self.token,
                right=right,
            )

    def must(self, act: str, division: str) -> None:
        """Raise Forbidden unless `may`."""
        if not self.may(act, division):
            raise Forbidden(
                code="actor.may_not",
                zh=f"{self.name}在{division or '全域'}无权执行“{act}”；请由本级有权岗位办理。",
                en=f"{self.name} may not {act} in {division or 'the whole area'}; ask a post entitled to it.",
                field="by",
                value=self.name,
                act=act,
            )

    def as_json(self) -> dict[str, Any]:
        """Return what the journal keeps of the actor."""
        body: dict[str, Any] = {"kind": self.kind, "name": self.name}
        for key in ("person", "post", "organisation"):
            value = getattr(self, key)
            if value is not None:
                body[key] = str(value)
        return body | {"token": self.token} if self.token else body
