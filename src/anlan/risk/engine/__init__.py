"""Pure computation of the risk stage."""
