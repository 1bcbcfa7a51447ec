"""Sharing out whole numbers so that they add up: the largest remainder method, in integers only."""

from __future__ import annotations

from collections.abc import Sequence


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Return whole shares of `total` in proportion to `weights` (>= 0) that sum to exactly `total`.

    Equal remainders go to the earlier place. All weights zero counts as all equal. No weights and a total above
    zero is a ValueError, because nobody could receive it.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("total and weights must not be negative")
    if not weights:
        if total:
            raise ValueError(f"nobody to receive {total}")
        return []
    whole = sum(weights)
    if whole == 0:
        weights, whole = [1] * len(weights), len(weights)
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def smallest(count: int, keyed: Sequence[tuple[float, str]]) -> frozenset[str]:
    """Return the names with the `count` smallest keys (ties by name): an exact number drawn without order."""
    return frozenset(name for _, name in sorted(keyed)[:count])
