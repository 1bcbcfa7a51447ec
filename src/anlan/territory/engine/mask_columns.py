"""Masking of personal data in whole columns, exactly as `mask` does it for one value."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory.engine.mask import HEAD, TAIL
from anlan.territory.engine.register import Register


def masked_batch(register: Register, batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return the columns with the register's sensitive fields masked; all others as they are."""
    columns = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        item = register.by_name.get(name)
        if item is None or not item.sensitive:
            columns.append(column)
        elif item.kind == "phone":
            columns.append(masked_phones(column))
        elif item.kind == "person":
            columns.append(masked_names(column))
        else:
            columns.append(pa.nulls(len(column), column.type) if item.kind != "citizen" else column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def masked_phones(column: pa.Array) -> pa.Array:
    """Return 138****1234 for each telephone number; short ones are hidden whole, missing ones stay missing."""
    length = pc.utf8_length(column)
    middle = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(column, 0, HEAD), "****", pc.utf8_slice_codeunits(column, -TAIL), ""
    )
    hidden = pc.binary_repeat("*", pc.min_element_wise(length, HEAD + TAIL))
    return pc.if_else(pc.greater(length, HEAD + TAIL), middle, hidden)


def masked_names(column: pa.Array) -> pa.Array:
    """Return 张* for each name; "" and missing ones stay as they are."""
    first = pc.binary_join_element_wise(pc.utf8_slice_codeunits(column, 0, 1), "*", "")
    return pc.if_else(pc.greater(pc.utf8_length(column), 0), first, column)
