"""Search through what is visible."""
