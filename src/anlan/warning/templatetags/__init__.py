"""Template tag libraries of the pages of warning."""
