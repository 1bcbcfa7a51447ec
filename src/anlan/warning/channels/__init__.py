"""Ways a call or a warning leaves the house."""
