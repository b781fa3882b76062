"""Staff screens of the wire: how the feeds are, and what to do about it."""
