"""What stirred at Razorpay: its lists one after another, each page by page.

Payments, refunds and disputes are listed by when they were made. Subscriptions are as well, so all
are gone through for those that ended or hang: Razorpay lists none by when it changed, and does not
say when a mandate that had been paused in the reader's own app went on (its next payment does).
Payment links take no moment at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from broadsheet.kit import clock
from broadsheet.ledger.providers.base import GatewayRefused, Listing, Stirred
from broadsheet.ledger.providers.razorpay.calling import Api
from broadsheet.ledger.providers.razorpay.orders import KEY, notes_of
from broadsheet.ledger.providers.razorpay.reading import LINK, owner_of, segment

PAGE = 100
"""Objects in one answer: the most that Razorpay gives."""

DISPUTED = 180 * 24 * 3600
"""Seconds. When a dispute was decided Razorpay does not say: so old ones are looked at again."""

LISTS = ("subscription", "payment_link", "payment", "refund", "dispute")

HANGING = frozenset({"pending", "halted", "paused"})
"""Of a subscription that something happened to; when, Razorpay does not say."""

MOMENTS = (
    "created_at", "updated_at", "ended_at", "cancelled_at", "expired_at", "paused_at",
    "change_scheduled_at",
)  # fmt: skip


class Place(NamedTuple):
    """Where the next page begins: in which list, behind how many, of what was there at `until`.

    `first` is what the page before began with: a list that begins anew has no second page.
    """

    name: str
    skip: int
    until: int
    first: str = ""


def list_since(api: Api, since: datetime, cursor: str) -> Listing:
    """See `Provider.list_since`. The cursor says in which list it was, and where in it."""
    place = _read(cursor) if cursor else Place(LISTS[0], 0, int(clock.now().timestamp()))
    moment = int(since.timestamp())
    found = _page(api, place, moment)
    if place.first in {entry["id"] for entry in found}:
        return Listing((), _write(_following(place)))
    named = _checkouts(api, place.name, [entry for entry in found if _stirs(entry, moment)])
    next_ = _next(place, found)
    return Listing(tuple(dict.fromkeys(named)), _write(next_))


def _page(api: Api, place: Place, since: int) -> list[dict[str, Any]]:
    paging = {"count": PAGE, "skip": place.skip}
    ask: Callable[[dict[str, Any]], Any] = getattr(api, place.name).all
    if place.name == "payment_link":
        return list(ask(paging)["payment_links"])
    begins = {"subscription": 0, "dispute": max(0, since - DISPUTED)}.get(place.name, since)
    query = {"to": place.until, **({"from": begins} if begins else {})}
    return list(ask({**paging, **query})["items"])


def _stirs(entry: Mapping[str, Any], since: int) -> bool:
    """Whether it may have stirred since; of payments, refunds and disputes all that are listed."""
    if entry["id"].partition("_")[0] not in (LINK, "sub") or entry.get("status") in HANGING:
        return True
    return any(int(entry.get(name) or 0) >= since for name in MOMENTS)


def _next(place: Place, found: list[dict[str, Any]]) -> Place | None:
    if len(found) == PAGE:
        return Place(place.name, place.skip + PAGE, place.until, str(found[0]["id"]))
    return _following(place)


def _following(place: Place) -> Place | None:
    after = LISTS.index(place.name) + 1
    return Place(LISTS[after], 0, place.until) if after < len(LISTS) else None


def _checkouts(api: Api, name: str, found: list[dict[str, Any]]) -> Iterator[Stirred]:
    """The checkouts of ours that these belong to."""
    seen: dict[str, str] = {}
    for entry in found:
        if name in ("subscription", "payment_link"):
            ref, key = entry["id"], str(notes_of(entry).get(KEY, ""))
        else:
            ref = _owner(api, entry)
            seen.setdefault(ref, _key(api, ref))
            key = seen[ref]
        if key:
            yield Stirred(ref, key)


def _owner(api: Api, entry: Mapping[str, Any]) -> str:
    """The subscription or link of a payment, or of what came of one; "" for none."""
    ref = entry.get("payment_id") or entry.get("invoice_id") or entry["id"]
    try:
        return owner_of(api, segment(str(ref)))
    except GatewayRefused:
        return ""


def _key(api: Api, ref: str) -> str:
    if not ref:
        return ""
    fetch = api.payment_link.fetch if ref.startswith(LINK) else api.subscription.fetch
    return str(notes_of(fetch(ref)).get(KEY, ""))


def _write(place: Place | None) -> str:
    return "" if place is None else "-".join(map(str, place))


def _read(cursor: str) -> Place:
    given = re.fullmatch(r"([a-z_]+)-(\d{1,9})-(\d{1,12})-([A-Za-z0-9_]{0,40})", cursor, re.ASCII)
    if given is None or given[1] not in LISTS:
        raise GatewayRefused("This is no place in a list of Razorpay's.", "Begin the list anew.")
    return Place(given[1], int(given[2]), int(given[3]), given[4])
