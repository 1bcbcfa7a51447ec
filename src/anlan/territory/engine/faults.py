"""What can be wrong with a cell or row of a file, in the sender's words, with the remedy.

Texts are templates over the issue's detail; `{value}` is the cell as it came, `{column}` its heading.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from anlan.territory.engine.fault import Fault
from anlan.territory.engine.fault_keys import KEYS
from anlan.territory.engine.fault_values import VALUES

FAULTS: dict[str, Fault] = KEYS | VALUES

__all__ = ["FAULTS", "Fault", "words"]


def words(code: str, *, column: str, value: str, detail: Mapping[str, Any]) -> dict[str, str]:
    """Return {"zh", "en", "mend_zh", "mend_en"} for one issue; an unknown code or detail shows as itself."""
    fault = FAULTS.get(code)
    if fault is None:
        return {"zh": code, "en": code, "mend_zh": "", "mend_en": ""}
    known = _Detail({"column": column, "value": value, **detail})
    texts = {"zh": fault.zh, "en": fault.en, "mend_zh": fault.mend_zh, "mend_en": fault.mend_en}
    return {name: text.format_map(known) for name, text in texts.items()}


class _Detail(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"
