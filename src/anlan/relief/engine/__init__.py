"""Pure computation of the relief stage."""
