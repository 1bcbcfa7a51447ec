"""Kernel: clock, ids, problems, options, journal, scope, live feed and geometry. No domain words live here."""
