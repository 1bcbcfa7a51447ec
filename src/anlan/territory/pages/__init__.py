"""The pages of the territory: registers, rows, edits, the map of who is inside; one module per noun."""

from __future__ import annotations

from anlan.territory.pages import forms, labels, registers, rows, views

# Rows last: their addresses take any key.
urlpatterns = [*registers.urlpatterns, *views.urlpatterns, *labels.urlpatterns, *forms.urlpatterns, *rows.urlpatterns]
