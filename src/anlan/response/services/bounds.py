"""What a column can hold and a limit can mean: what is too long, off the earth or too far ahead is refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from anlan.kernel.problem import Invalid

LONGEST_DAYS = 60
"""How far ahead work may be due in a response: the longest limit of the law's own, an investigation's 60 days."""


def fits(model: type[models.Model], **values: str) -> None:
    """Raise Invalid for the first text that is longer than its column of `model`; keywords are names of fields."""
    for name, value in values.items():
        most = getattr(model._meta.get_field(name), "max_length", None)
        if most is not None and len(value) > most:
            raise Invalid(
                code="response.too_long", field=name, value=value,
                zh=f"太长（{len(value)}字），最多{most}字；请缩短，细节写入正文。",
                en=f"Too long ({len(value)} characters): at most {most}; shorten it and put details into the text.",
            )  # fmt: skip


def within_world(lon: float | None, lat: float | None) -> None:
    """Raise Invalid unless a point, where one is given, lies on the earth: degrees WGS-84."""
    for name, value, most in (("lon", lon, 180), ("lat", lat, 90)):
        if value is not None and not -most <= value <= most:
            raise Invalid(code=f"response.{name}", field=name, value=value, zh=f"应在-{most}至{most}度之间；请核对经纬度。",
                          en=f"It must lie between -{most} and {most} degrees; check longitude and latitude.")  # fmt: skip


def soon(due: datetime, at: datetime, field: str) -> None:
    """Raise Invalid for a limit further ahead than LONGEST_DAYS: a slip of the year would keep a task quiet for good."""
    if due > at + timedelta(days=LONGEST_DAYS):
        raise Invalid(code="response.too_far", field=field, value=due, zh=f"时限最远为{LONGEST_DAYS}天后；请核对年月日。",
                      en=f"It lies more than {LONGEST_DAYS} days ahead; check year, month and day.")  # fmt: skip
