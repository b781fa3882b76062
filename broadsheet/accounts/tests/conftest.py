"""Every test starts with nothing counted against anybody; passwords are hashed quickly."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def nothing_counted():
    """Rate limits count in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash is what passwords need and what tests do not."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
