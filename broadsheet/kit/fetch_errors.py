"""What can go wrong when something is fetched, each as a sentence that says what to do."""

from __future__ import annotations


class FetchError(Exception):
    """The address could not be fetched; the message is a sentence for the desk."""


class AddressRefused(FetchError):
    """The address, or what its name resolves to, is not one this paper may ask."""


class TooLarge(FetchError):
    """The answer is larger than the cap, counted after decompression."""


class TooSlow(FetchError):
    """The server took longer than one of the time limits."""


class TooManyRedirects(FetchError):
    """The redirects go in a circle, or there are more of them than allowed."""


class NotReached(FetchError):
    """No usable answer: the name is unknown, the connection or TLS failed, the reply is broken."""
