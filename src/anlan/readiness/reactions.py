"""What the simulated people of a drill do when something reaches them. Outside drills nothing here does anything."""

from __future__ import annotations

from uuid import UUID

from anlan.kernel.journal import EntryRow, react
from anlan.readiness import simulate
from anlan.readiness.services import acts_plan
from anlan.response.events import CommandMismatch, LevelEscalated, LevelProposed, StopLineCrossed, TasksIssued
from anlan.response.models import StopLine, Task
from anlan.warning.events import ProposalEscalated, ProposalOpened


@react(ProposalOpened)
def warning_decide(event: ProposalOpened, entry: EntryRow) -> None:
    """The issuer who is asked for a warning decides, after a while."""
    _decide(simulate.ISSUE, "warning_issuer", event.proposal, event.decider, entry)


@react(ProposalEscalated)
def warning_decide_above(event: ProposalEscalated, entry: EntryRow) -> None:
    """The superior decides what the issuer has let pass."""
    _decide(simulate.ISSUE, "warning_issuer", event.proposal, event.decider, entry)


@react(LevelProposed)
def level_decide(event: LevelProposed, entry: EntryRow) -> None:
    """The decider of a response level decides on the track that is not played back."""
    if event.track == "main":
        _decide(simulate.ADOPT, "response_decider", event.proposal, event.decider, entry)


@react(LevelEscalated)
def level_decide_above(event: LevelEscalated, entry: EntryRow) -> None:
    """The superior decides what the decider has let pass."""
    if event.track == "main":
        _decide(simulate.ADOPT, "response_superior", event.proposal, event.to_post, entry)


def _decide(kind: str, habit: str, subject: str, post: str | None, entry: EntryRow) -> None:
    who = simulate.cast()
    if who is not None and post is not None:
        acts_plan(
            simulate.decision_planned(
                who, kind=kind, habit=habit, subject=UUID(subject), division=entry.division, post=post, at=entry.at
            )
        )


@react(TasksIssued)
def tasks_do(event: TasksIssued, entry: EntryRow) -> None:
    """Owners sign for their tasks and do them. The task of a stop-line is done by the act at the post."""
    who = simulate.cast()
    if who is None or event.track != "main" or entry.about.startswith("stopline:"):
        return
    chosen = {"id__in": event.tasks} if event.tasks else {"issued_at": entry.at, "division__startswith": entry.division}
    rows = Task.objects.filter(track="main", state="issued", stop_line=False, **chosen).order_by("id")
    fields = ("id", "code", "owner_post__code", "owner_post__role", "division", "issued_at")
    acts_plan(simulate.tasks_planned(who, [simulate.TaskRow(*row) for row in rows.values_list(*fields)]))


@react(StopLineCrossed)
def stopline_stop(event: StopLineCrossed, entry: EntryRow) -> None:
    """The post on the spot stops first and reports after."""
    who = simulate.cast()
    if who is None:
        return
    role = StopLine.objects.values_list("post__role", flat=True).get(id=event.stopline)
    acts_plan(
        simulate.stop_planned(
            who, stopline=UUID(event.stopline), division=entry.division, place=event.place, role=role, at=entry.at
        )
    )


@react(CommandMismatch)
def body_follow(event: CommandMismatch, entry: EntryRow) -> None:
    """The linked command body takes its lead's level after a while (on the track that is not played back)."""
    who = simulate.cast()
    if who is not None and event.track == "main":
        acts_plan(
            simulate.follow_planned(
                who, mismatch=UUID(event.mismatch), division=entry.division, body=event.body, at=entry.at
            )
        )
