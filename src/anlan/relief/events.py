"""What can happen in the relief stage."""

from __future__ import annotations

from anlan.kernel.journal import Event


class StockLaid(Event, kind="stock.laid", version=1):
    """Relief stock was laid down by the generator (生成救灾物资).

    seed: the generator's seed; people: how many people it covers, by the norms' version; lots: how many lots.
    norms: version of the norms; sha256: hash over the lots in the order they were loaded.
    """

    seed: int
    people: int
    lots: int
    norms: str
    sha256: str
