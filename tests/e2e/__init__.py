"""The paper in a real browser, with real processes."""
