"""Codecs of the review stage: the printed report."""
