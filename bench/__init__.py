"""Measures: each a ratio against a reference in the same run, or a time of real work."""
