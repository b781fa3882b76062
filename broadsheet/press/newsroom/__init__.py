"""Staff screens of the press."""
