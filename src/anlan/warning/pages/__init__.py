"""The pages of warning beside the console's: what was received, and what is being written (the console mounts that)."""

from __future__ import annotations

from anlan.warning.pages import help, pushing, received, replies, sources, ways

urlpatterns = [*pushing.urlpatterns, *received.urlpatterns, *sources.urlpatterns, *help.urlpatterns,
               *ways.urlpatterns, *replies.urlpatterns]  # fmt: skip
