"""The sentence that tells an audience what to do. Pure lookup in an instruction pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Sentence = Mapping[str, str]
"""{"zh": …, "en": …}"""


@dataclass(frozen=True, slots=True)
class Instructions:
    """An instruction pack: hazard prefix → colour → audience → sentence, and which role is which audience."""

    version: str
    sentences: Mapping[str, Mapping[str, Mapping[str, Sentence]]]
    audience_of: Mapping[str, str]

    def audience(self, role: str) -> str:
        """The audience a called post belongs to; a post of no audience is an officer."""
        return self.audience_of.get(role, "officer")


def sentence(pack: Instructions, hazard: str, colour: str, audience: str) -> Sentence | None:
    """What `audience` must do: the longest fitting hazard prefix that names the audience, else its `public` one."""
    prefixes = sorted((p for p in pack.sentences if hazard.startswith(p)), key=len, reverse=True)
    for wanted in (audience, "public"):
        for prefix in prefixes:
            found = pack.sentences[prefix].get(colour, {}).get(wanted)
            if found is not None:
                return found
    return None
