"""How a feed reaches the paper: one module per way, found by the scheme of the feed's location."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from broadsheet.wire.transports import folder, ftp, http, imap, push, sftp
from broadsheet.wire.transports.base import Arrival, Collected, Credential, FeedState, Transport

__all__ = [
    "KINDS",
    "TRANSPORTS",
    "Arrival",
    "Collected",
    "Credential",
    "FeedState",
    "Transport",
    "UnknownLocation",
    "check",
    "transport_for",
]

TRANSPORTS: Mapping[str, Transport] = {
    "http": http,
    "https": http,
    "": folder,
    "file": folder,
    "push": push,
    "ftp": ftp,
    "ftps": ftp,
    "sftp": sftp,
    "imaps": imap,
}
KINDS = "http(s)://…, ftp(s)://…, sftp://…, imaps://…, a folder, or push: for signed pushes"
"""What a location may be, in words."""


class UnknownLocation(ValueError):
    """No transport reaches this location; the message says what a location may be.

    `fault` is "kind", "host" (none is named) or "name" (a user or password stands in it).
    """

    def __init__(self, fault: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault


def transport_for(location: str) -> Transport:
    """The transport for an address or a folder's path. Raises UnknownLocation."""
    try:
        return TRANSPORTS[urlsplit(location.strip()).scheme]
    except (KeyError, ValueError):
        raise UnknownLocation(
            "kind", f"{location!r} is no location of a feed; give {KINDS}."
        ) from None


def check(location: str) -> None:
    """Raises UnknownLocation for what cannot be a feed's location, before it is kept."""
    transport = transport_for(location)
    if transport is folder or location == push.LOCATION:
        return
    if transport is push:
        raise UnknownLocation("kind", f"{location!r}: write push: and nothing behind it.")
    parts = urlsplit(location)
    if "@" in parts.netloc:
        raise UnknownLocation(
            "name",
            f"A user or password stands in the address of {parts.hostname or 'the feed'}; take it"
            " out and give it as the feed's user and the name of its secret.",
        )
    if not parts.hostname or not _has_port(location):
        raise UnknownLocation("host", f"{location!r} names no host; write scheme://host/path.")


def _has_port(location: str) -> bool:
    try:
        return urlsplit(location).port != 0
    except ValueError:
        return False
