"""Calls over HTTP, in both directions between the seller and the gateway."""

import ssl
from collections.abc import Mapping
from functools import cache

import httpx


def new_caller(seconds: float, headers: Mapping[str, str] | None = None) -> httpx.Client:
    """A client that gives up after so many seconds; threads may share it, its owner closes it.

    A kept connection to a server that was restarted would look like a silent one, so none is
    kept. Proxies of the environment are not for calls between two processes of one paper.
    """
    return httpx.Client(
        timeout=seconds,
        headers=headers,
        verify=_trusted(),
        limits=httpx.Limits(max_keepalive_connections=0),
        trust_env=False,
    )


@cache
def _trusted() -> ssl.SSLContext:
    # Reading all certificates takes longer than most calls.
    return httpx.create_ssl_context()
