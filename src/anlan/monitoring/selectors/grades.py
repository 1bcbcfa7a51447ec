"""What a level of a signal is called, how grave it is and in what unit it is told, in SQL.

A code of a level means nothing without its rule: "fast" is yellow for a river that rises and orange for a slope that
moves. So levels are looked up by rule, version and code: shipped rules from their packs, a bureau's own from its rows.
"""

from __future__ import annotations

from anlan.kernel.levels import WarningColour
from anlan.monitoring.choices import LEVEL_COLOURS
from anlan.monitoring.formats.rule_reading import COLOURS as GRADED
from anlan.monitoring.rules import shipped_words

COLOURS = ("", *GRADED)  # by rank; no signal has rank 0
USUAL = COLOURS.index("yellow")


def _text(value: str) -> str:
    """A text as it stands in a query that has parameters."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _ranked(colour: str, otherwise: str) -> str:
    """The rank of a level by its code alone: a colour, or one of the usual scales of water."""
    ranks = {code: COLOURS.index(code) for code in GRADED}
    ranks |= {code: COLOURS.index(meant) for code, meant in LEVEL_COLOURS.items()}
    return (
        f"CASE {colour} "
        + " ".join(f"WHEN '{code}' THEN {rank}" for code, rank in ranks.items())
        + f" ELSE {otherwise} END"
    )


def _named(language: str) -> str:
    """A level of a row's own name, else that of the warning colour it is called by."""
    usual = " ".join(f"WHEN '{c}' THEN {_text(getattr(WarningColour.of(c), language))}" for c in GRADED)
    return f"coalesce(l.body -> 'name' ->> '{language}', CASE l.body ->> 'code' {usual} END)"


_SHIPPED = ", ".join(
    f"({_text(rule)}, {_text(version)}, {_text(level.code)}, {level.grade}, {_text(level.name.zh)}, {_text(level.name.en)}, "
    f"{_text(words.unit)})"
    for (rule, version), words in shipped_words().items()
    for level in words.levels
)
_CODE = "coalesce(nullif(l.body ->> 'colour', ''), l.body ->> 'code')"
#: Every level of every version: rule, version, level, rank (1 blue to 4 red), zh, en, unit.
GRADES = f"""(VALUES {_SHIPPED} UNION ALL
  SELECT v.code, coalesce(nullif(v.division, ''), 'all') || '-' || v.number, l.body ->> 'code', {_ranked(_CODE, str(USUAL))},
    {_named("zh")}, {_named("en")}, v.body ->> 'unit'
  FROM monitoring_ruleversion v CROSS JOIN LATERAL jsonb_array_elements(v.body -> 'levels') AS l(body)
) AS k(rule, version, level, rank, zh, en, unit)"""
#: Joins `k` to a signal `g`; RANK is its rank, also for a version that is known no more.
JOIN_GRADES = f"LEFT JOIN {GRADES} ON k.rule = g.rule AND k.version = g.rule_version AND k.level = g.level"
RANK = f"coalesce(k.rank, {_ranked('g.level', str(USUAL))})"
