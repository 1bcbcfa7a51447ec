"""A warning's words against the stop orders in force (停运 停工 停课 封闭). Pure.

On 20 July 2021 a message told people to use public transport while the metro should have stood still. A text that
sends people to what an order has stopped is found here, clause by clause; a clause that forbids is no fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_CLAUSE: Final = re.compile(r"[^。！？；;!?\n,，.]+")


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop order in force: what is stopped (metro, bus, school …), where (division prefix), and its citation."""

    kind: str
    division: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """How a text sends people to one stopped thing: regular expressions, and those that turn the sense round."""

    send: tuple[re.Pattern[str], ...]
    forbid: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The clause that sends people there, and the order it breaks."""

    clause: str
    stop: Stop


def lexicons(raw: Mapping[str, Mapping[str, Sequence[str]]], forbid: Sequence[str]) -> dict[str, Lexicon]:
    """Compile a pack: kind → {send: [...]}, and the words that forbid for all kinds."""
    shared = tuple(re.compile(p, re.IGNORECASE) for p in forbid)
    return {
        kind: Lexicon(tuple(re.compile(p, re.IGNORECASE) for p in entry["send"]), shared) for kind, entry in raw.items()
    }


def contradictions(
    texts: Sequence[str], area: Sequence[str], stops: Sequence[Stop], words: Mapping[str, Lexicon]
) -> tuple[Contradiction, ...]:
    """Every clause of `texts` that sends people in `area` to something a stop order there has stopped, as they are read."""
    here = [s for s in stops if s.kind in words and any(_meets(s.division, code) for code in area)]
    here.sort(key=lambda stop: (stop.kind, stop.division))
    return tuple(
        Contradiction(clause.strip(), stop)
        for text in texts for clause in _CLAUSE.findall(text) for stop in here if _sends(clause, words[stop.kind])
    )  # fmt: skip


def _meets(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)


def _sends(clause: str, lexicon: Lexicon) -> bool:
    return any(p.search(clause) for p in lexicon.send) and not any(p.search(clause) for p in lexicon.forbid)
