"""Codecs of the warning stage: bytes ⇄ values."""
