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
    "warning.decline": frozenset({"issuer", "duty"}),
    "call.answer": frozenset({"responder", "duty", "decider", "issuer"}),
    "call.log": frozenset({"duty"}),
    "level.decide": frozenset({"decider"}),
    "task.receive": frozenset({"responder", "duty", "decider"}),
    "task.done": frozenset({"responder", "duty", "decider"}),
    "stopline.act": frozenset({"responder", "duty"}),
    "incident.open": frozenset({"duty", "responder", "decider"}),
    "casualty.enter": frozenset({"duty", "responder"}),
    "command.checkin": frozenset({"decider", "duty", "responder"}),
    "command.adopt": frozenset({"decider"}),
    "contact.heard": frozenset({"duty", "responder"}),
    "report.file": frozenset({"duty", "responder"}),
    "readings.take": frozenset({"gateway", "duty"}),
    "station.register": frozenset({"admin"}),
    "person.unmask": frozenset({"duty", "auditor"}),
    "drill.control": frozenset({"admin", "duty"}),
    "account.manage": frozenset({"admin"}),
}


@dataclass(frozen=True)
class Actor:
    """Who does something, and with what reach. Written into every journal entry."""

    kind: Kind
    name: str
    scope: Scope = field(default_factory=Scope)
    person: UUID | None = None
    post: UUID | None = None
    organisation: UUID | None = None
    roles: frozenset[str] = frozenset()

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
        if not self.scope.covers(division):
            return False
        return "admin" in self.roles or bool(self.roles & ACTS.get(act, frozenset()))

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
        return body
