"""Pure computation of the territory stage: the deterministic generator and the point-in-division index."""
