"""Columns of text as they come out of a file, checked and turned into what is stored, kind by kind.

`check(field, values, known)` gives typed values (null where empty or at fault) and the faults of single rows. Work is
done on whole columns, or once for each distinct value; only rows that have something wrong are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anlan.territory import choices
from anlan.territory.engine import cells, identifier_columns
from anlan.territory.engine.cells import Parsed
from anlan.territory.engine.identifiers import half_width
from anlan.territory.engine.industry import Industries
from anlan.territory.engine.register import Field

# What people write into a cell that has nothing to say.
BLANKS = ("", "-", "--", "—", "——", "/", "\\", "null", "NULL", "None", "N/A", "n/a", "NaN", "nan", "#N/A")
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{200b}\x{200e}\x{200f}\x{202a}-\x{202e}\x{feff}]"
_CODE = r"^[0-9A-Za-z._|:/#\-\p{Han}（）()]+$"
_NUMBER = r"^-?\d{1,12}(\.\d{1,12})?$"


class CellFault(NamedTuple):
    """One thing wrong with one row of a batch: position in the batch, field, fault code, words for its text."""

    row: int
    field: str
    code: str
    detail: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Checked:
    """A column after its check: typed values and what was wrong, one fault per row at most."""

    values: pa.Array
    faults: list[CellFault]


@dataclass(frozen=True)
class Reference:
    """What another register offers to be named: codes (unique) with row ids, and full names (perhaps shared)."""

    zh: str
    en: str
    ids: Mapping[str, str]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What columns are checked against: division spellings, references by kind, industries, today.

    `divisions`: every official spelling → prefix form; `explain(text)` says why a division is none of them;
    `tables`: lists to choose from that are not in `choices.py`.
    """

    divisions: Mapping[str, str]
    explain: Callable[[str], Parsed]
    references: Mapping[str, Reference]
    industries: Industries
    today: date
    tables: Mapping[str, Mapping[str, choices.Choice]] = field(default_factory=dict)


def clean(values: pa.Array) -> pa.Array:
    """Return the cells without spaces round them, null where they say nothing."""
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(BLANKS)), pa.scalar(None, pa.string()), trimmed)


def check(column: Field, values: pa.Array, known: Known) -> Checked:
    """Return a cleaned column (see `clean`) in stored form; missing required cells are faults too."""
    done = CHECKS[column.kind](column, values, known)
    if column.sensitive:
        done = _masked(column, values, done)
    if not column.required:
        return done
    empty = np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))
    missing = [CellFault(row, column.name, "required") for row in empty.tolist()]
    return Checked(done.values, done.faults + missing)


def _masked(column: Field, values: pa.Array, done: Checked) -> Checked:
    """A masked export that comes back must not write its asterisks over what they hide."""
    rows = set(_true(pc.match_substring_regex(values, r"[*＊]{2,}")))
    if not rows:
        return done
    others = [fault for fault in done.faults if fault.row not in rows]
    return Checked(
        _without(done.values, dict.fromkeys(rows, "masked")),
        others + [CellFault(row, column.name, "masked") for row in sorted(rows)],
    )


def by_distinct(column: Field, values: pa.Array, parse: Callable[[str], Parsed], stored: pa.DataType) -> Checked:
    """Parse each distinct value once and spread the answers over the column."""
    coded = values.dictionary_encode()
    answers = [parse(text) for text in coded.dictionary.to_pylist()]
    typed = pa.array([answer.value for answer in answers], stored)
    wrong = np.array([bool(answer.fault) for answer in answers] + [False])
    faults: list[CellFault] = []
    if wrong.any():
        places = coded.indices.fill_null(len(answers)).to_numpy(zero_copy_only=False)
        for row in np.flatnonzero(wrong[places]).tolist():
            answer = answers[places[row]]
            faults.append(CellFault(row, column.name, answer.fault, answer.detail))
    return Checked(typed.take(coded.indices), faults)


def _text(column: Field, values: pa.Array, known: Known) -> Checked:
    faults = _rows(column, pc.match_substring_regex(values, _CONTROL), "text.control")
    if column.most_chars:
        lengths = pc.utf8_length(values)
        for row in _true(pc.greater(lengths, column.most_chars)):
            detail = {"chars": lengths[row].as_py(), "most": column.most_chars}
            faults.append(CellFault(row, column.name, "too_long", detail))
    return Checked(values, faults)


def _code(column: Field, values: pa.Array, known: Known) -> Checked:
    narrow = _narrow(values)
    done = _text(column, narrow, known)
    return Checked(narrow, done.faults + _rows(column, pc.invert(pc.match_substring_regex(narrow, _CODE)), "code.form"))


def _narrow(values: pa.Array) -> pa.Array:
    """Turn full-width letters and digits into ASCII where there are any."""
    wide = pc.match_substring_regex(values, r"[\x{ff01}-\x{ff5e}\x{3000}]").fill_null(False)
    if not pc.any(wide).as_py():
        return values
    mended = [half_width(text) for text in values.filter(wide).to_pylist()]
    return pc.replace_with_mask(values, wide, pa.array(mended, pa.string()))


def _identifier(
    judge: Callable[[pa.Array], tuple[pa.Array, dict[int, str]]],
) -> Callable[[Field, pa.Array, Known], Checked]:
    def run(column: Field, values: pa.Array, known: Known) -> Checked:
        stored, found = judge(values)
        faults = [CellFault(row, column.name, code, {"chars": len(stored[row].as_py())}) for row, code in found.items()]
        return Checked(_without(stored, found), faults)

    return run


def _choice(column: Field, values: pa.Array, known: Known) -> Checked:
    table = _table(column, known)
    spellings = cells.labels(table)
    return by_distinct(column, values, lambda text: cells.choice_of(half_width(text), table, spellings), pa.string())


def _flags(column: Field, values: pa.Array, known: Known) -> Checked:
    table = _table(column, known)
    spellings = cells.labels(table)
    return by_distinct(column, values, lambda text: cells.flags_of(half_width(text), table, spellings), pa.int32())


def _table(column: Field, known: Known) -> Mapping[str, choices.Choice]:
    own = known.tables.get(column.choices)
    table: Mapping[str, choices.Choice] = getattr(choices, column.choices) if own is None else own
    return table


def _date(column: Field, values: pa.Array, known: Known) -> Checked:
    return by_distinct(column, values, lambda text: cells.date_of(half_width(text)), pa.date32())


def _number(whole: bool) -> Callable[[Field, pa.Array, Known], Checked]:
    def run(column: Field, values: pa.Array, known: Known) -> Checked:
        def parse(text: str) -> Parsed:
            return cells.number_of(half_width(text), least=column.least, most=column.most, whole=whole)

        return by_distinct(column, values, parse, pa.int64() if whole else pa.float64())

    return run


def _degrees(column: Field, values: pa.Array, known: Known) -> Checked:
    """Plain numbers are cast at once; degrees with minutes and seconds one by one. Ranges are the row's affair."""
    plain = pc.match_substring_regex(values, _NUMBER).fill_null(False)
    fast = pc.cast(pc.if_else(plain, values, pa.scalar(None, pa.string())), pa.float64())
    odd = pc.and_(pc.invert(plain), values.is_valid())
    if not pc.any(odd).as_py():
        return Checked(fast, [])
    slow = by_distinct(column, values.filter(odd), lambda text: cells.degrees_of(half_width(text)), pa.float64())
    rows = _true(odd)
    faults = [found._replace(row=rows[found.row]) for found in slow.faults]
    return Checked(pc.replace_with_mask(fast, odd, slow.values), faults)


def _division(column: Field, values: pa.Array, known: Known) -> Checked:
    def parse(text: str) -> Parsed:
        code = known.divisions.get(text)
        return Parsed(code) if code is not None else known.explain(half_width(text).removesuffix(".0"))

    return by_distinct(column, values, parse, pa.string())


def _industry(column: Field, values: pa.Array, known: Known) -> Checked:
    return by_distinct(column, values, lambda text: known.industries.parse(half_width(text)), pa.string())


def _reference(column: Field, values: pa.Array, known: Known) -> Checked:
    offer = known.references[column.kind]

    def parse(text: str) -> Parsed:
        code = half_width(text)
        if code in offer.ids:
            return Parsed(offer.ids[code])
        named = offer.names.get(cells.fold(text), ())
        if len(named) == 1:
            return Parsed(offer.ids[named[0]])
        detail: dict[str, Any] = {"what": offer.zh, "what_en": offer.en}
        if named:
            return Parsed(None, "reference.many", detail | {"many": len(named), "code": named[0]})
        return Parsed(None, "reference.ruled" if column.ruled else "reference.unknown", detail)

    found = by_distinct(column, values, parse, pa.string())
    return Checked(found.values, _once(found.faults, values)) if column.ruled else found


def _once(faults: Sequence[CellFault], values: pa.Array) -> list[CellFault]:
    """Keep the first of the warnings about one and the same value: a whole column may name what is not yet entered."""
    first: dict[tuple[str, str | None], CellFault] = {}
    for fault in faults:
        first.setdefault((fault.code, values[fault.row].as_py()), fault)
    return list(first.values())


def _rows(column: Field, mask: pa.Array, code: str) -> list[CellFault]:
    return [CellFault(row, column.name, code) for row in _true(mask)]


def _true(mask: pa.Array) -> list[int]:
    rows: list[int] = np.flatnonzero(mask.fill_null(False).to_numpy(zero_copy_only=False)).tolist()
    return rows


def _without(values: pa.Array, faults: Mapping[int, str]) -> pa.Array:
    if not faults:
        return values
    mask = np.zeros(len(values), bool)
    mask[list(faults)] = True
    return pc.if_else(pa.array(mask), pa.scalar(None, values.type), values)


CHECKS: dict[str, Callable[[Field, pa.Array, Known], Checked]] = {
    "text": _text,
    "name": _text,
    "person": _text,
    "code": _code,
    "uscc": _identifier(identifier_columns.uscc_column),
    "citizen": _identifier(identifier_columns.citizen_column),
    "phone": _identifier(identifier_columns.phone_column),
    "choice": _choice,
    "flags": _flags,
    "date": _date,
    "int": _number(True),
    "float": _number(False),
    "lon": _degrees,
    "lat": _degrees,
    "division": _division,
    "industry": _industry,
    "organisation": _reference,
    "post": _reference,
    "place": _reference,
    "unit": _reference,
}
