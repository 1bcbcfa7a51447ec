"""Words a program gave with what it registered, kept beside our own columns."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from anlan.kernel.models import Row


class Description(Row):
    """How a SensorThings client describes a station, a series, a sensor or an element (描述), as far as no column has it.

    kind, code: what is described: station code, series number, sensor id, element code. body: name, description,
    properties, definition, encodingType, metadata, observationType, unitOfMeasurement, sensor — those that were given.
    """

    SCOPE: ClassVar[str] = "chain"

    kind = models.CharField(max_length=8, choices=[(word, word) for word in ("station", "series", "sensor", "element")])
    code = models.CharField(max_length=64, db_collation="C")
    body = models.JSONField(default=dict)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "code", "division"], name="description_of"),)
