"""Formats of dates and numbers where the paper wants others than Django."""
