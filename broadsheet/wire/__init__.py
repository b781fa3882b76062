"""Feeds in: sources, feeds, fetches, items and their versions. Knows nothing of what comes after."""
