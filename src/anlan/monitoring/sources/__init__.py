"""Edges of the monitoring stage: where readings come in from files."""
