"""Reports under row-level security, kept as they were sent, and set going by grade and figures of an incident."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from anlan.kernel.journal.reactor import run_until_quiet
from anlan.kernel.scope import Scope
from anlan.response.models import Report, ReportDuty
from anlan.response.services import Told, report_acknowledge, report_file
from tests.response.reporting import T0, DrillClock, accident, flood, owed_by
from tests.response.scene import SCENE, person

pytestmark = pytest.mark.django_db

# --- as the web's own role, which the database keeps to its scope -------------------------------------------------------


def test_a_township_reports_and_the_county_acknowledges_under_row_level_security(
    drill: DrillClock, web_role: None
) -> None:
    from anlan.kernel.options import options
    from anlan.kernel.scope import activate

    activate(Scope.whole(), options.secret_key)
    row = flood()
    town = person("410182109.duty", "duty")
    activate(town.scope, options.secret_key)
    sent = report_file(by=town, division="410182109", disaster=row.pk, figures={"affected": 3, "dead": 1}, kind="first",
                       told=Told(ref="a"))  # fmt: skip
    assert report_file(by=town, division="410182109", disaster=row.pk, figures={}, told=Told(ref="a")).pk == sent.pk
    county = person("410182.duty", "duty")
    activate(county.scope, options.secret_key)
    assert report_acknowledge(by=county, reports=[sent.pk], level="410182") == 1
    grave = report_file(by=county, division="410182", disaster=row.pk, figures={"dead": 11}, kind="first")
    assert (
        ReportDuty.objects.get(rule="disaster_serious").division == "410182"
    )  # the platform's own act, within its reach
    activate(town.scope, options.secret_key)
    assert not Report.objects.filter(pk=grave.pk).exists()  # the county's is not the township's to read
    activate(Scope(("410181",)), options.secret_key)
    assert not Report.objects.exists()


def test_a_report_is_never_changed(drill: DrillClock) -> None:
    from django.db.utils import DatabaseError

    row = report_file(by=SCENE, division="410182", figures={"dead": 1})
    with pytest.raises(DatabaseError), transaction.atomic():
        Report.objects.filter(pk=row.pk).update(figures={"dead": 0})


def test_grade_and_figures_of_an_incident_set_the_clocks_going(drill: DrillClock) -> None:
    from anlan.response.services.figures import figure_set

    row = accident("")
    run_until_quiet(strict=True)
    assert owed_by(row)["henan_written_ordinary"] == 360
    drill.to(T0 + timedelta(minutes=10))
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=3, as_of=drill.now, source="县局")
    run_until_quiet(strict=True)
    assert owed_by(row)["henan_written_relative"] == 60
    report_file(by=person("410182.duty", "duty"), division="410182", figures={"dead": 3}, kind="first", incident=row.pk)
    drill.to(T0 + timedelta(hours=2))
    figure_set(by=SCENE, incident=row.pk, metric="deaths", value=4, as_of=drill.now, source="县局")
    run_until_quiet(strict=True)
    assert owed_by(row)["correction"] == 14 * 60  # by the end of the day
