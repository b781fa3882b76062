"""Tests of press_log."""
