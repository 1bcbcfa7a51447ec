"""Template words of the territory pages."""
