"""Warning (预警): from a signal to named people who have answered."""
