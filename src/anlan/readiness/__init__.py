"""Readiness: drills now, training and certificates later."""
