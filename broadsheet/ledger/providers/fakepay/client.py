"""Fakepay as the paper knows it: a provider over HTTP."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from broadsheet.ledger.providers.base import (
    Change,
    GatewayRefused,
    GatewaySilent,
    Hosted,
    Listing,
    Order,
    Standing,
    Stirred,
    Told,
)
from broadsheet.ledger.providers.fakepay.calling import new_caller
from broadsheet.ledger.providers.fakepay.orders import (
    CAN,
    change_json,
    order_json,
    read_standing,
)
from broadsheet.ledger.providers.fakepay.signing import verify

SECONDS = 8.0


OURS_TO_MEND = frozenset({401, 403, 408, 425, 429})
"""A wrong key, or too many calls: says nothing about what was asked, so it is asked again."""


class Fakepay:
    """A gateway at `url`. Threads may share one; nothing is connected before the first call."""

    name = "fakepay"
    can = CAN
    trial_wait = timedelta()

    def __init__(self, url: str, api_key: str, webhook_secret: str) -> None:
        self._url = url.rstrip("/")
        self._secret = webhook_secret
        self._http = new_caller(SECONDS, {"Authorization": f"Bearer {api_key}"})

    def check_order(self, order: Order) -> None:
        """See `Provider.check_order`: it sells whatever an order can say."""

    def open_checkout(self, order: Order) -> Hosted:
        """See `Provider.open_checkout`."""
        data = self._call("POST", "/v1/agreements", order_json(order))
        standing = _standing(data)
        return Hosted(standing.ref, standing.url)

    def look_up(self, ref: str) -> Standing:
        """See `Provider.look_up`."""
        return _standing(self._call("GET", f"/v1/agreements/{_segment(ref)}"))

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Told:
        """See `Provider.verify`."""
        return verify(self._secret, headers, body, now)

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """See `Provider.set_renewal`."""
        self._call("POST", f"/v1/agreements/{_segment(ref)}/renewal", {"renews": renews})

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """See `Provider.refund`."""
        path = f"/v1/charges/{_segment(charge)}/refunds"
        self._call("POST", path, {"amount": amount}, {"Idempotency-Key": key})

    def change(self, ref: str, change: Change) -> None:
        """See `Provider.change`."""
        path = f"/v1/agreements/{_segment(ref)}/changes"
        self._call("POST", path, change_json(change), {"Idempotency-Key": change.key})

    def drop_change(self, ref: str, key: str) -> None:
        """See `Provider.drop_change`."""
        self._call("POST", f"/v1/agreements/{_segment(ref)}/changes/drop", {"key": key})

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """See `Provider.pause`."""
        asked = {"number": number, "until": until.isoformat()}
        self._call("POST", f"/v1/agreements/{_segment(ref)}/pause", asked)

    def resume(self, ref: str, *, number: int) -> None:
        """See `Provider.resume`."""
        self._call("POST", f"/v1/agreements/{_segment(ref)}/pause/end", {"number": number})

    def open_card_page(self, ref: str, *, return_url: str, language: str) -> str:
        """See `Provider.open_card_page`."""
        asked = {"return_url": return_url, "language": language}
        data = self._call("POST", f"/v1/agreements/{_segment(ref)}/card-pages", asked)
        try:
            return str(data["url"])
        except (KeyError, TypeError) as error:
            raise GatewaySilent("Fakepay's answer cannot be read.") from error

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """See `Provider.list_since`."""
        asked = {"since": since.isoformat(), "cursor": cursor}
        data = self._call("POST", "/v1/agreements/list", asked)
        try:
            rows = tuple(Stirred(str(row["ref"]), str(row["key"])) for row in data["rows"])
            return Listing(rows, str(data["cursor"]))
        except (KeyError, TypeError) as error:
            raise GatewaySilent("Fakepay's answer cannot be read.") from error

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        try:
            answer = self._http.request(method, self._url + path, json=body, headers=headers)
            data = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewaySilent(f"Fakepay did not answer: {error}.") from error
        except ValueError as error:
            raise GatewaySilent("Fakepay's answer cannot be read.") from error
        if answer.is_success:
            return data
        if answer.is_client_error and answer.status_code not in OURS_TO_MEND:
            raise _refused(data)
        raise GatewaySilent(f"Fakepay failed with status {answer.status_code}.")


def _segment(ref: str) -> str:
    # A reference may come from outside: none may lead to another address of the gateway.
    if not ref.replace("-", "").replace("_", "").isalnum() or not ref.isascii():
        raise GatewayRefused(f"{ref[:60]!r} is no reference of Fakepay.", "Check it.")
    return ref


def _standing(data: Any) -> Standing:
    try:
        return read_standing(data)
    except (KeyError, TypeError, ValueError) as error:
        raise GatewaySilent("Fakepay's answer cannot be read.") from error


def _refused(data: Any) -> GatewayRefused:
    said = data if isinstance(data, dict) else {}
    problem = str(said.get("problem") or "Fakepay refused.")
    return GatewayRefused(problem, str(said.get("remedy") or "Look at the agreement."))
