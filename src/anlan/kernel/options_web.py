"""The options of the interfaces."""

from __future__ import annotations

from anlan.kernel.option import Option

WEB: tuple[Option, ...] = (
    Option(
        "idempotency_keep_h",
        24,
        "Hours that the answer to a write is kept under its Idempotency-Key and given again.",
        "带 Idempotency-Key 的写请求，其答复保留并可重取的小时数。",
    ),
)
