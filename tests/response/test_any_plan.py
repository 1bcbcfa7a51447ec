"""Starting any shipped plan puts exactly the tasks that were shown on named posts; its end closes it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from anlan.response.formats.packs import plan_read
from anlan.response.models import Level, Task
from anlan.response.selectors.plans import plan_get
from anlan.response.selectors.preview import level_preview
from anlan.response.services import Announcement, level_adopt, level_end
from tests.response.events_scene import event, load, minute
from tests.response.scene import SCENE

pytestmark = pytest.mark.django_db
SHIPPED = sorted(item.name.removesuffix(".yaml") for item in files("anlan.response").joinpath("rules", "plans").iterdir()
                 if item.name.endswith(".yaml"))  # fmt: skip
BECAUSE = Announcement(reason="会商决定")


@pytest.mark.parametrize("name", SHIPPED)
def test_what_was_shown_is_what_goes_out_level_by_level(db: Any, name: str) -> None:
    load(name)
    rules = plan_read(files("anlan.response").joinpath("rules", "plans", f"{name}.yaml").read_text(encoding="utf-8"))
    incident = event("other", _code(rules.hazards), "事件", "410182").pk if rules.per == "incident" else None
    plan = plan_get(rules.code, minute(0))
    for number, level in enumerate((4, 3, 2, 1)):
        shown = level_preview(plan, level, incident)
        row = level_adopt(
            by=SCENE, plan=rules.code, level=level, incident=incident, announce=BECAUSE, at=minute(number + 1)
        )
        sent = Task.objects.filter(level=row).select_related("owner_post")
        assert sent.count() == shown["tasks"]
        assert {task.owner_post.code for task in sent} == {code for item in shown["add"] for code in item["codes"]}
        assert {task.incident_id for task in sent} <= {incident}
        assert all(task.due_at > task.issued_at and task.basis["zh"] for task in sent)
    ended = level_end(by=SCENE, plan=rules.code, incident=incident, reason="险情排除", at=minute(99))
    assert not Level.objects.filter(until=None).exists()
    left = set(Task.objects.filter(level=ended, state="issued").values_list("action", flat=True))
    assert {"final_report", "loss_assessment", "lessons", "archive", "audit", "purge"} <= left | _carried(rules)


def _code(hazards: tuple[str, ...]) -> str:
    """A class the code table has and the plan covers."""
    from anlan.response.formats.grades import event_types

    known = {row.code for row in event_types().types}
    return next((code for code in hazards if code in known), hazards[0])


def _carried(rules: Any) -> set[str]:
    """What an old plan's own closing tasks carry without saying which duty they are."""
    return {"final_report", "lessons"} if not any(task.action for task in rules.end.tasks) else set()
