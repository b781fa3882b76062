"""Every test starts with nothing counted against anybody."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted():
    """Rate limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()
