"""Codecs of the response stage: rule files to values."""
