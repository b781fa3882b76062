"""Staff screens of the desk, mounted in Wagtail's admin."""
