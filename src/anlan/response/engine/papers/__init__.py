"""Papers filled from the record: facts in, the same paper in Chinese and English out."""
