"""Pure computation of the monitoring stage: window sums, signal decisions, checks of values."""
