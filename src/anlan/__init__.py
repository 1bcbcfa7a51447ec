"""Anlan (安澜): an emergency-management platform that carries the whole chain from sign of danger to review."""

__version__ = "0.1.0"
