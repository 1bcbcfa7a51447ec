"""Drills in tests: short spans of the real scenario, each run in a database of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from anlan.readiness.scenario import folders
from tests import laid

NAME = "zhengzhou-2021"


@pytest.fixture(scope="session")
def short_scenarios(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the real scenario cut down to 40 minutes around the first red signal."""
    root = tmp_path_factory.mktemp("drills")
    shutil.copytree(folders() / NAME, root / NAME)
    path = root / NAME / "scenario.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    raw |= {"starts_at": "2021-07-19 21:40", "ends_at": "2021-07-19 22:20"}
    raw["acts"] = [act for act in raw["acts"] if act["fact"] == "T04"]
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return root


class Stage:
    """Makes drill databases and plays them."""

    def __init__(self, scenarios: Path) -> None:
        self.scenarios = scenarios
        self.made: list[str] = []

    def fill(self, name: str, seed: int) -> None:
        """Make the database `name` and fill it; this process works on it from now on."""
        from django.db import connection

        from anlan.kernel.models import DrillState
        from anlan.readiness.database import database_use
        from anlan.readiness.prepare import drill_fill
        from anlan.readiness.scenario import scenario_load

        connection.close()
        laid.copied(name)
        self.made.append(name)
        database_use(name)
        drill_fill(scenario_load(NAME, self.scenarios), seed=seed, profile="tiny", strict=True)
        DrillState.objects.update(state="running")

    def play(self, upto: datetime | None = None, **words: Any) -> str:
        """Drive flat out and return the journal's digest."""
        from anlan.kernel.journal import digest
        from anlan.readiness.driver import drive

        drive(threading.Event(), upto=upto, strict=True, **words)
        return digest()


@pytest.fixture(scope="session")
def _stage(django_db_setup: None, django_db_blocker: Any, short_scenarios: Path) -> Iterator[Stage]:
    from django.db import connection

    with django_db_blocker.unblock():
        stage = Stage(short_scenarios)
        yield stage
        connection.close()
        laid.dropped(*stage.made)


@pytest.fixture
def stage(_stage: Stage, django_db_blocker: Any) -> Iterator[Stage]:
    """A stage to play drills on; afterwards the process is back on the test database and the wall clock."""
    from django.db import connection

    from anlan.kernel import clock

    with django_db_blocker.unblock():
        before = connection.settings_dict["NAME"]
        yield _stage
        connection.close()
        connection.settings_dict["NAME"] = before
        clock.follow(None)
