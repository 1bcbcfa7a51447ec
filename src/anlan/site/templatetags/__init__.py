"""Template tag libraries of the page frame."""
