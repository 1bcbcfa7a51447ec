"""Monitoring (监测): stations, readings, moving sums, signals, and silence as a fact."""
