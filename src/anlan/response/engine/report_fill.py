"""What an incident's record already says of a report's content, so that it is looked over instead of written twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anlan.response.engine.plan import Words

#: A figure of an incident → the indicator of the statistics that counts the same.
INDICATOR = {
    "deaths": "dead", "missing": "missing", "injured": "injured", "seriously_injured": "severely_injured",
    "relocated": "evacuated", "affected": "affected", "loss_wan": "loss",
}  # fmt: skip
CASUALTIES = ("deaths", "missing", "injured", "seriously_injured", "trapped", "loss_wan")
NOBODY = Words("", "")
SCOPE = ("threatened_people", "relocated", "affected", "area_ha")


@dataclass(frozen=True)
class Told:
    """What is known of an incident. `happened`, `known`: moments in words, "" where nobody knows; `where`: the division's
    name; `counts`: {metric: (name, value in words, unit)}, a value "" where nobody knows; `what`, `cause`, `measures`,
    `trend`: as each report said it, the earliest first; `commander`: who commands on the spot."""

    kind: Words
    where: Words
    place: str = ""
    happened: str = ""
    known: str = ""
    counts: Mapping[str, tuple[Words, str, Words]] = field(default_factory=dict)
    what: Sequence[str] = ()
    cause: Sequence[str] = ()
    measures: Sequence[str] = ()
    trend: Sequence[str] = ()
    commander: Words = NOBODY


def filled(told: Told) -> dict[str, Words]:
    """Return the items of a report's content that the record fills, by field; what it doesn't know is left out."""
    happened = Words(told.happened, told.happened) if told.happened else Words(
        f"{told.known}接报，发生时间待查", f"reported {told.known}, time of the event not known yet"
    )  # fmt: skip
    place = "" if told.place in (told.where.zh, told.where.en) else told.place
    found = {
        "where_when": Words(
            f"{happened.zh}，{told.where.zh}{place}", f"{happened.en}; {told.where.en} {place}".rstrip()
        ),
        "course": _same("\n".join(dict.fromkeys(told.what))),
        "casualties": _counted(told, CASUALTIES),
        "measures": _joined(told.measures),
        "cause": _joined(told.cause),
        "trend": _joined(told.trend),
        "scope": _counted(told, SCOPE),
        "commander": told.commander,
        "works": _same(told.place),
        "danger": told.kind,
        "threat": _counted(told, SCOPE[:1]),
    }
    return {name: words for name, words in found.items() if words.zh.strip()}


def _counted(told: Told, metrics: Sequence[str]) -> Words:
    zh, en = [], []
    for metric in metrics:
        if metric in told.counts:
            name, value, unit = told.counts[metric]
            zh.append(f"{name.zh}{value}{unit.zh}" if value else f"{name.zh}人数不明")
            en.append(f"{name.en}: {value} {unit.en}".rstrip() if value else f"{name.en}: not known")
    return Words("，".join(zh), "; ".join(en))


def _joined(said: Sequence[str]) -> Words:
    return _same("；".join(dict.fromkeys(one.strip() for one in said if one.strip())))


def _same(text: str) -> Words:
    return Words(text, text)
