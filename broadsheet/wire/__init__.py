"""Feeds in: sources, feeds, fetches, items, versions. Knows nothing of what comes after."""
