"""Template words of the monitoring pages."""
