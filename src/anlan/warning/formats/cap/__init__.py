"""CAP 1.2 (Common Alerting Protocol, 通用警报协议; 国内对应 GB/T 35965.1): bytes ⇄ frozen values, strict and recording.

`read(raw, mode)` never raises for what the bytes are: it says what they are, gives the message, a verdict and findings.
`write(alert)` refuses what breaks the schema or the text of the standard. Source: OASIS CAP 1.2, 1 July 2010; the
schemas stand in `schema/` under their own notice.
"""

from anlan.warning.formats.cap.instants import instant, instant_text
from anlan.warning.formats.cap.reading import Mode, Result, read, read_tree
from anlan.warning.formats.cap.rules import check
from anlan.warning.formats.cap.structure import schema
from anlan.warning.formats.cap.values import (
    Alert,
    Area,
    CapError,
    Coded,
    Finding,
    Info,
    Reference,
    Resource,
    quoted,
    references,
)
from anlan.warning.formats.cap.writing import NAMESPACE, render, render_bytes, write

__all__ = [
    "NAMESPACE", "Alert", "Area", "CapError", "Coded", "Finding", "Info", "Mode", "Reference", "Resource", "Result",
    "check", "instant", "instant_text", "quoted", "read", "read_tree", "references", "render", "render_bytes", "schema", "write",
]  # fmt: skip
