"""Risk: what could go wrong where. Survey records now; zoning and impact later."""
