"""The pages of the territory: registers, rows, edits, the map of who is inside; one module per noun."""

from __future__ import annotations

from anlan.territory.pages import (
    care,
    coverage,
    divisions,
    editions,
    forms,
    imports,
    inside,
    labels,
    registers,
    rows,
    views,
)

# Rows last: their addresses take any key.
urlpatterns = [
    *care.urlpatterns,
    *divisions.urlpatterns,
    *editions.urlpatterns,
    *coverage.urlpatterns,
    *imports.urlpatterns,
    *inside.urlpatterns,
    *registers.urlpatterns,
    *views.urlpatterns,
    *labels.urlpatterns,
    *forms.urlpatterns,
    *rows.urlpatterns,
]
