"""What a column can hold: a text that is too long is refused in words, before the database would."""

from __future__ import annotations

from django.db import models

from anlan.kernel.problem import Invalid


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
