"""Pure codecs of the monitoring stage: rule packs and CSV batches."""
