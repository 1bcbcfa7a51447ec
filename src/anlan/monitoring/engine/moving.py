"""Moving sums of amounts for charts: at each amount, what fell in the window that ends there."""

from __future__ import annotations

import numpy as np

from anlan.monitoring.engine.columns import Floats, Ints


def moving_sums(at: Ints, amount: Floats, window: int) -> Floats:
    """Return, for each time, the sum of the amounts in (t − window, t]. `at` ascending, in any whole unit; `window` in
    the same; amounts that don't count are 0 or NaN."""
    summed = np.concatenate(([0.0], np.cumsum(np.nan_to_num(amount))))
    first = np.searchsorted(at, at - window, side="right")
    return np.round(summed[1:] - summed[first], 6)
