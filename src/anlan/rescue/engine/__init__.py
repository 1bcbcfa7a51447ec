"""Pure computation of the rescue stage."""
