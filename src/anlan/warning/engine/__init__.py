"""Pure rules of the warning stage."""
