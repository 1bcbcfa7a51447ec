"""The frame every page stands in: menu, clock, drill band, live feed address, language and theme."""
