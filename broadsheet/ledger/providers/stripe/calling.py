"""Calls to Stripe's API by its own SDK, at one version of it, and what a failure means.

The SDK brings authentication, encoding, the key that makes a call repeatable, and one more try
with that same key; answers are plain JSON.
"""

import re
from collections.abc import Mapping
from typing import Any

import requests
import stripe

from broadsheet.ledger.providers.base import GatewayRefused, GatewaySilent

VERSION = "2026-10-28.endive"
"""The version of the API whose shapes this package reads, whatever the account's default is."""

PAGE = 100
"""Objects in one answer: the most that Stripe gives."""

OURS_TO_MEND = frozenset({401, 403, 408, 409, 425, 429})
"""A wrong key, too many calls, the same call still under way: says nothing about what was asked."""

stripe.enable_telemetry = False

Json = dict[str, Any]


class StripeRefused(GatewayRefused):
    """Stripe's no, with its own code for the reason."""

    def __init__(self, problem: str, code: str) -> None:
        super().__init__(problem, "Look at it in the Dashboard of Stripe.")
        self.code = code


class Caller:
    """Stripe at `base`. Threads may share one; nothing is connected before the first call."""

    def __init__(self, base: str, key: str, *, seconds: float, tries: int) -> None:
        self._session = requests.Session()
        # Proxies and netrc of the environment are for people, not for this key.
        self._session.trust_env = False
        self._client = stripe.StripeClient(
            key,
            stripe_version=VERSION,
            base_addresses={"api": base},
            max_network_retries=tries - 1,
            http_client=stripe.RequestsClient(timeout=seconds, session=self._session),
        )

    def get(self, path: str, **params: Any) -> Json:
        """An object, or a list of them."""
        return self._call("get", path, params)

    def post(self, path: str, key: str, **params: Any) -> Json:
        """Make or change something; the same `key` with the same parameters does nothing more."""
        return self._call("post", path, params | {"idempotency_key": key})

    def delete(self, path: str, **params: Any) -> Json:
        """Delete something; again, it is gone."""
        return self._call("delete", path, params)

    def every(self, path: str, **params: Any) -> list[Json]:
        """All objects of a list, page by page, as Stripe orders them: the newest first."""
        found: list[Json] = []
        more = True
        while more:
            after = {"starting_after": found[-1]["id"]} if found else {}
            page = self.get(path, limit=PAGE, **params, **after)
            found += page["data"]
            more = bool(page["has_more"] and page["data"])
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _call(self, method: str, path: str, params: Mapping[str, Any]) -> Json:
        try:
            data = self._client.raw_request(method, path, **params).data
        except stripe.StripeError as error:
            raise _meant(error) from None
        if not isinstance(data, dict):
            raise GatewaySilent("Stripe's answer cannot be read.")
        return data


def segment(ref: str) -> str:
    """A reference that may stand in a path. Raises GatewayRefused for what is none."""
    if not re.fullmatch(r"[A-Za-z0-9_]{3,200}", ref):
        raise GatewayRefused(f"{ref[:60]!r} is no reference of Stripe.", "Check it.")
    return ref


def _meant(error: stripe.StripeError) -> GatewaySilent | GatewayRefused:
    """Silence or a no. Stripe's sentences may be shown; the body, headers and key never are."""
    status = error.http_status or 0
    if isinstance(error, stripe.APIConnectionError):
        return GatewaySilent("Stripe did not answer.")
    if isinstance(error, stripe.RateLimitError) or status in OURS_TO_MEND:
        return GatewaySilent(f"Stripe did not take the call, with status {status}.")
    if not 400 <= status < 500:
        return GatewaySilent(f"Stripe failed with status {status}.")
    code = error.code or getattr(error.error, "type", "") or ""
    return StripeRefused(str(error.user_message or "Stripe refused.")[:300], code)
