"""An incident's record as a report's form is filled from it, its family's with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from anlan.kernel import clock
from anlan.kernel.problem import NotFound
from anlan.kernel.scope import Scope
from anlan.response import choices
from anlan.response import choices_incidents as codes
from anlan.response.engine.figures import standing
from anlan.response.engine.plan import Words
from anlan.response.engine.report_fill import INDICATOR, NOBODY, Told, filled
from anlan.response.formats.grades import event_types
from anlan.response.models import CommanderTerm, Incident, IncidentFigure, Intake
from anlan.response.selectors.family import family, root_of
from anlan.response.services.grades import RISING
from anlan.territory.selectors import division_names


@dataclass(frozen=True)
class Fill:
    """What a form is filled with: `figures` {indicator: (value, as of)}, `content` by field; nothing without an incident."""

    incident: Incident | None = None
    figures: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    content: dict[str, Words] = field(default_factory=dict)


def report_fill(scope: Scope, incident: UUID) -> Fill:
    """Return what is known of the incident a report about `incident` is about: of one that was merged, the one it goes on
    in, with the figures and words of the whole family. NotFound outside the scope. About six queries."""
    row = Incident.objects.select_related("merged_into").filter(pk=incident).first()
    row = root_of(row) if row is not None else None
    if row is None or not scope.sees(row.division):
        raise NotFound(code="incident.not_found", zh="没有这个事件，或不在您的范围内。",
                       en="There is no such incident, or it is not in your scope.", field="incident",
                       value=incident)  # fmt: skip
    keys = family(row.pk)
    rows = IncidentFigure.objects.filter(incident__in=keys, disputed=False).order_by("as_of", "at", "seq", "id")
    stands = standing(rows, RISING)
    figures = {
        INDICATOR[metric]: (one.value, one.as_of)
        for metric, one in stands.items()
        if metric in INDICATOR and one.value is not None
    }
    return Fill(row, figures, filled(_told(row, keys, stands)))


def _told(row: Incident, keys: list[UUID], stands: dict[str, IncidentFigure]) -> Told:
    intakes = list(Intake.objects.filter(incident__in=keys).order_by("received_at", "id"))
    found = event_types().find(row.type_code)
    kind = found or choices.INCIDENT_KINDS[row.kind]
    where = division_names([row.division]).get(row.division, {"zh": row.division, "en": row.division})
    own = [row.details] if not intakes else []
    said = {
        name: [text for one in intakes if (text := getattr(one, name))] + [one[name] for one in own if one.get(name)]
        for name in ("what", "cause", "measures", "trend")
    }
    return Told(
        kind=Words(kind.zh, kind.en), where=Words(where["zh"], where["en"]), place=row.place_words,
        happened=_moment(row.happened_at), known=_moment(row.known_at or row.opened_at),
        counts=_counts(intakes, stands), what=said["what"] or [row.title_zh], cause=said["cause"],
        measures=said["measures"], trend=said["trend"], commander=_commander(keys),
    )  # fmt: skip


def _counts(intakes: list[Intake], stands: dict[str, IncidentFigure]) -> dict[str, tuple[Words, str, Words]]:
    asked = {metric for one in intakes for metric, value in one.casualties.items() if value is None}
    return {
        metric: (Words(rule.zh, rule.en), f"{stands[metric].value:,.10g}" if metric in stands else "",
                 Words(rule.unit_zh, rule.unit_en))
        for metric, rule in codes.FIGURES.items()
        if rule.words is None and (metric in asked or metric in stands)
    }  # fmt: skip


def _commander(keys: list[UUID]) -> Words:
    """Who commands on the spot, as a post: a telephone number is added by hand."""
    term = CommanderTerm.objects.filter(command_post__incident__in=keys, command_post__state="active", state="current")
    one = term.order_by("tier", "since", "id").first()
    return Words(one.name_zh, one.name_en) if one is not None else NOBODY


def _moment(at: datetime | None) -> str:
    return at.astimezone(clock.BEIJING).strftime("%Y-%m-%d %H:%M") if at is not None else ""
