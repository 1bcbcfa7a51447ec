"""Pure computation of the after-action report: frozen rows and journal entries in, plain values out."""
