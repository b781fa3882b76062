"""The line to Razorpay: its own SDK over a session that knows when an answer means nothing.

The SDK tells by the words of an error whether asking again could help, waits for ever and prints
what went wrong. The session below decides before the SDK sees an answer: by status, after some
seconds at the latest, and without a word of ours in the output.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import razorpay
import requests

from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent

SECONDS = 8.0

OURS_TO_MEND = frozenset({401, 403, 408, 409, 425, 429})
"""A wrong key, too many calls, or one under way: says nothing about what was asked."""

PAGE = 100
"""The most objects Razorpay lists at once."""

Api = Any
"""The SDK's client, which is not typed."""


class Line(requests.Session):  # type: ignore[misc]
    """One conversation: kept open from call to call, closed with it.

    Proxies and passwords of the environment are not for calls that carry the paper's keys, and a
    redirect would carry them elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False

    def request(self, method: Any, url: Any, *args: Any, **options: Any) -> requests.Response:
        """Ask once. Raises GatewaySilent and GatewayRefused."""
        options |= {"timeout": SECONDS, "verify": True, "allow_redirects": False}
        try:
            answer = super().request(method, url, *args, **options)
            data = answer.json()
        except requests.exceptions.JSONDecodeError:
            raise GatewaySilent("Razorpay's answer cannot be read.") from None
        except requests.RequestException as error:
            raise GatewaySilent(f"Razorpay did not answer: {type(error).__name__}.") from None
        if not 200 <= answer.status_code < 300:
            raise _failure(answer.status_code, data)
        if not isinstance(data, dict):
            raise GatewaySilent("Razorpay's answer cannot be read.")
        return answer


def _failure(status: int, data: Any) -> Exception:
    if not 400 <= status < 500 or status in OURS_TO_MEND:
        return GatewaySilent(f"Razorpay failed with status {status}.")
    error = data.get("error") if isinstance(data, dict) else None
    said = error.get("description") if isinstance(error, dict) else None
    problem = str(said or f"Razorpay refused with status {status}.")
    return GatewayRefused(problem[:300], "Look at it in Razorpay's Dashboard.")


@contextmanager
def conversation(url: str, key_id: str, key_secret: str) -> Iterator[Api]:
    """The SDK's client for some calls in a row; nothing is connected before the first."""
    with Line() as line:
        try:
            yield razorpay.Client(session=line, auth=(key_id, key_secret), base_url=url)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            # An object without what the documentation promises: nobody knows what it means.
            missing = f"{type(error).__name__} {error}"[:100]
            raise GatewaySilent(f"Razorpay's answer cannot be read: {missing}.") from error


def every(
    listing: Callable[[dict[str, Any]], Any], query: dict[str, Any], name: str = "items"
) -> Iterator[dict[str, Any]]:
    """All objects of a list, page by page."""
    skip = 0
    while True:
        page = listing({**query, "count": PAGE, "skip": skip})[name]
        yield from page
        if len(page) < PAGE:
            return
        skip += PAGE
