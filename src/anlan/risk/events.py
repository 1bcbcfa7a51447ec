"""What can happen in the risk stage."""

from __future__ import annotations

from anlan.kernel.journal import Event


class SurveyLaid(Event, kind="survey.laid", version=1):
    """Survey records were laid down by the generator (生成普查记录).

    seed: the generator's seed; count: records; by_category: records per category.
    sha256: hash over the records in the order of their codes.
    """

    seed: int
    count: int
    by_category: dict[str, int]
    sha256: str
