"""What stirred at Stripe: its events (docs.stripe.com/api/events/list), of the last 30 days.

Every event, of whatever kind, is read for whose it is and for nothing else: events come in the
shape of the version that the account had, and the customer stands where it always stood.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from broadsheet.kit import clock
from broadsheet.ledger.providers.base import GatewayRefused, Listing, Stirred
from broadsheet.ledger.providers.stripe.calling import Caller, Json, StripeRefused, segment
from broadsheet.ledger.providers.stripe.marks import ORDER
from broadsheet.ledger.providers.stripe.objects import owner

PAGE = 100
"""Events in one answer: the most that Stripe gives."""

KEPT = timedelta(days=29)
"""Stripe keeps events for 30 days; behind one that is older than this there may be none left."""

MARKED = frozenset({"customer", "checkout.session", "subscription"})
"""Kinds of objects that carry the key of their order themselves."""


def list_since(caller: Caller, since: datetime, cursor: str) -> Listing:
    """See `Provider.list_since`. The cursor is the last event of the page before.

    Of what happened more than 30 days ago Stripe tells nothing any more.
    """
    page = _page(caller, since, cursor)
    # The newest first: what happens meanwhile stands before the first page.
    rows = tuple(_stirred(caller, [event["data"]["object"] for event in page["data"]]))
    more = page["has_more"] and page["data"]
    return Listing(rows, str(page["data"][-1]["id"]) if more else "")


def _page(caller: Caller, since: datetime, cursor: str) -> Json:
    after = {"starting_after": segment(cursor)} if cursor else {}
    try:
        return caller.get(
            "/v1/events", limit=PAGE, created={"gte": int(since.timestamp())}, **after
        )
    except StripeRefused as refusal:
        if not cursor or refusal.code != "resource_missing" or since > clock.now() - KEPT:
            raise
        # It fell out of the 30 days since the page before, and all that is older with it.
        return {"data": [], "has_more": False}


def _stirred(caller: Caller, objects: list[Mapping[str, Any]]) -> Iterator[Stirred]:
    """Each customer of ours once; asked for only where no object of the page says the key."""
    known = {_of(about): _key(about) for about in objects if _key(about)}
    for ref in dict.fromkeys(filter(None, map(_of, objects))):
        customer, key = (ref, known[ref]) if ref in known else _asked(caller, ref)
        if key and (customer == ref or customer not in known):
            known[customer] = key
            yield Stirred(customer, key)


def _of(about: Mapping[str, Any]) -> str:
    """The customer whom an object is about, else a charge whose customer can be asked for."""
    if about["object"] == "customer":
        return str(about["id"])
    return str(about.get("customer") or about.get("charge") or "")


def _key(about: Mapping[str, Any]) -> str:
    return str((about.get("metadata") or {}).get(ORDER, "")) if about["object"] in MARKED else ""


def _asked(caller: Caller, ref: str) -> tuple[str, str]:
    """The customer and the key of its order, "" for what is none of ours or is deleted."""
    try:
        found = owner(caller, ref)
    except GatewayRefused:
        return ref, ""
    return found.customer, found.terms.key if found.terms else ""
