"""National warning messages (预警信息, GB/T 35965.1-2018): bytes ⇄ values ⇄ CAP, with a report of what can't be carried.

`read` and `write` are the XML, `check` the value rules, `to_gbt` and `from_gbt` the mapping. Element names and word
lists stand in `table.yaml` (mark G): the standard's text was not at hand, see docs/cap-gbt.md.
"""

from anlan.warning.formats.gbt.checking import check
from anlan.warning.formats.gbt.report import from_gbt, to_gbt
from anlan.warning.formats.gbt.table import Table, load, table
from anlan.warning.formats.gbt.values import Area, Info, Item, Message, Method, Report, Resource
from anlan.warning.formats.gbt.xml import read, write

__all__ = [
    "Area", "Info", "Item", "Message", "Method", "Report", "Resource", "Table",
    "check", "from_gbt", "load", "read", "table", "to_gbt", "write",
]  # fmt: skip
