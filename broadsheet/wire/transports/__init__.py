"""How a feed reaches the paper: one module per way, found by the scheme of the feed's location."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from broadsheet.wire.transports import folder, http
from broadsheet.wire.transports.base import Arrival, Collected, Credential, FeedState, Transport

__all__ = [
    "TRANSPORTS",
    "Arrival",
    "Collected",
    "Credential",
    "FeedState",
    "Transport",
    "UnknownLocation",
    "transport_for",
]

TRANSPORTS: Mapping[str, Transport] = {
    "http": http,
    "https": http,
    "": folder,
    "file": folder,
}


class UnknownLocation(ValueError):
    """No transport reaches this location; the message says what a location may be."""


def transport_for(location: str) -> Transport:
    """The transport for an http(s) URL or a folder's path. Raises UnknownLocation."""
    try:
        return TRANSPORTS[urlsplit(location.strip()).scheme]
    except (KeyError, ValueError):
        raise UnknownLocation(
            f"{location!r} is neither an http(s) address nor a folder; give one of these."
        ) from None
