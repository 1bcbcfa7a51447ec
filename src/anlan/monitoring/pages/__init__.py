"""The pages of monitoring: stations and their health, one station, the rain map, what is missing; one module per noun."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

#: Modules of this package that have pages; a later one may take any station's code, so `station` comes last.
MODULES = ("signals", "rules", "rain", "gaps", "connections", "stations", "views", "station")

urlpatterns = [
    pattern
    for name in MODULES
    if find_spec(f"{__name__}.{name}") is not None
    for pattern in import_module(f"{__name__}.{name}").urlpatterns
]
