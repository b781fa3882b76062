"""The demo paper: an invented newspaper that keeps receiving news."""
