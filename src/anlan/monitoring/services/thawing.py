"""Readings of a span of time wherever they lie: in the table, or in archive files that are read back for a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.db import connection

from anlan.kernel.options import options
from anlan.kernel.problem import Unavailable
from anlan.monitoring.engine.columns import Columns
from anlan.monitoring.formats import readings_copy, readings_parquet
from anlan.monitoring.models import Day

_BOTH = (
    "(SELECT series, at, value, quality FROM anlan_thawed UNION ALL SELECT r.series, r.at, r.value, r.quality"
    " FROM monitoring_reading r WHERE NOT EXISTS"
    " (SELECT FROM anlan_thawed t WHERE t.series = r.series AND t.at = r.at))"
)


def archive_folder() -> Path:
    """Return the folder of archived readings in this node's home; a drill in the same home never sees it."""
    return Path(options.home_path) / "archive" / ("drill" if options.drill else "readings")


def archive_path(day: date) -> Path:
    """Return where the archive of a UTC day lies: …/2026/11/2026-11-22.parquet."""
    return archive_folder() / f"{day:%Y}" / f"{day:%m}" / f"{day:%Y-%m-%d}.parquet"


@contextmanager
def readings_of(after: datetime, upto: datetime) -> Iterator[str]:
    """Give a relation that has the readings in (after, upto], archived ones too; use it within the block.

    Of a series and time that are both archived and in the table the archived one stands: it was first. Needs a
    transaction. Raises Unavailable when an archive that is needed isn't in its place.
    """
    first, last = after.astimezone(UTC).date(), upto.astimezone(UTC).date()
    rows = (
        Day.objects.filter(day__range=(first, last)).exclude(archive="").order_by("day").values_list("day", flat=True)
    )
    days = list(rows)
    if not days:
        yield "monitoring_reading"
        return
    thaw(archived(day, after, upto) for day in days)
    yield _BOTH
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE anlan_thawed")


def thaw(parts: Iterable[Iterable[Columns]]) -> None:
    """Put readings into the temporary table `anlan_thawed` of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE anlan_thawed (series int, at timestamptz, value float8, quality smallint) ON COMMIT DROP"
        )
        with cursor.copy("COPY anlan_thawed FROM STDIN (FORMAT binary)") as copy:
            copy.write(readings_copy.HEAD)
            for part in parts:
                for rows in part:
                    copy.write(readings_copy.rows_bytes(rows))
            copy.write(readings_copy.TAIL)
        cursor.execute("CREATE INDEX ON anlan_thawed (series, at)")
        cursor.execute("ANALYZE anlan_thawed")


def archived(
    day: date, after: datetime | None = None, upto: datetime | None = None, series: int | None = None
) -> Iterator[Columns]:
    """Give the archived readings of a day. Raises Unavailable when the file isn't there."""
    path = archive_path(day)
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise Unavailable(
            code="archive.missing",
            zh=f"{day} 的归档文件 {path.name} 不在归档目录；请从备份放回后重试。",
            en=f"The archive {path.name} of {day} is not in its folder; put it back from your backup and try again.",
            field="day",
            value=day.isoformat(),
        ) from None
    with file:
        yield from readings_parquet.groups(file, after=after, upto=upto, series=series)


def days_between(after: datetime, upto: datetime) -> list[date]:
    """Return the UTC days that (after, upto] touches."""
    first, last = after.astimezone(UTC).date(), upto.astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
