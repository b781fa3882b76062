"""Tests across stages."""
