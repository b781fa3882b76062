"""Tests of the feed formats."""
