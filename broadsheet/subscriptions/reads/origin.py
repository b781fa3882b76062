"""The origin of links in mail and at the gateway."""

from django.conf import settings

from broadsheet.kit.env import DEFAULT_ORIGIN


def origin() -> str:
    """The paper's only origin; served processes always know it."""
    return settings.ORIGIN or DEFAULT_ORIGIN
