"""Relief: what people who lost their home need. Stock now; shelters, needs, shares and delivery later."""
