"""Template tag libraries of the response."""
