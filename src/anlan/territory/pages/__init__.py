"""The pages of the territory: registers, rows, edits, the map of who is inside; one module per noun."""

from __future__ import annotations

from anlan.territory.pages import registers, rows

# Rows last: their addresses take any key.
urlpatterns = [*registers.urlpatterns, *rows.urlpatterns]
