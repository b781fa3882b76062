"""The origin of links in mail and at the gateway."""

from django.conf import settings


def origin() -> str:
    """The paper's only origin; served processes always know it."""
    return settings.ORIGIN or "http://localhost:8000"
