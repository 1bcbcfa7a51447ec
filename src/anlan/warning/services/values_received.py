"""What the door says of a message received, before it is put into its chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Proof:
    """What checking a signature said, once, on the bytes as they came (choices.SIGNATURES).

    said: [{code, zh, en, fingerprint}] for each signature; doubt: why the policy of the source holds the message, "" when
    it does not.
    """

    state: str = "unchecked"
    said: tuple[dict[str, Any], ...] = ()
    doubt: str = ""


UNCHECKED = Proof()
PROVED = Proof("verified")
