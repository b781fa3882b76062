"""Tests of how feeds reach the paper."""
