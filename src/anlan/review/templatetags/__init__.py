"""Template words of the review stage."""
