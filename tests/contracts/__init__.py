"""Promises to outside checks and to developers."""
