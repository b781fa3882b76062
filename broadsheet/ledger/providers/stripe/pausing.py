"""A subscription that rests: no more is charged until a moment, and periods are counted from it.

Stripe calls it a trial, set on a subscription that runs (subscriptions/update, `trial_end` without
proration): what was paid for is not touched, and the next period begins where the trial ends.
"""

import json
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.ledger.providers.stripe.calling import Caller, Json, segment
from broadsheet.ledger.providers.stripe.objects import Objects, moment, stops

PAUSE = "broadsheet_pause"

SLACK = 24 * 3600
"""Seconds by which a first price may outlast the last period that has it: both are counted from
the checkout, and not to the second. No period is as short."""


class Rest(NamedTuple):
    """Period `number` is the first after it; `ends` is where the paid period before it ends."""

    number: int
    ends: int


def rest_of(sub: Json) -> Rest | None:
    """The pause that a subscription is in or was in last."""
    mark = sub["metadata"].get(PAUSE)
    return Rest(*json.loads(mark)) if mark else None


def rests_until(sub: Json) -> datetime | None:
    """Until when it rests; None when it does not, or its pause was taken back."""
    rest = rest_of(sub)
    if rest is None or sub["status"] != "trialing" or sub["trial_end"] <= rest.ends:
        return None
    return moment(sub["trial_end"])


def pause(caller: Caller, found: Objects, number: int, until: datetime) -> None:
    """Rest until a moment; see `Provider.pause`."""
    sub, rests = _renewing(found)
    begun = rests or Rest(len(found.periods()), sub["items"]["data"][0]["current_period_end"])
    if begun.number != number:
        raise GatewayRefused("That is not its next period.", "Look it up.")
    if until <= moment(begun.ends):
        raise GatewayRefused("The paid period goes on for longer than that.", "Name a later day.")
    if _is_discounted(sub, begun.ends + SLACK):
        raise GatewayRefused("The first price still holds.", "Pause after its last period.")
    if sub["trial_end"] != int(until.timestamp()):
        _turn(caller, sub, int(until.timestamp()), begun)


def _is_discounted(sub: Json, after: int) -> bool:
    """Whether a first price holds after a moment. It ends on a day, so a pause would eat it up."""
    ends = [discount["end"] for discount in sub["discounts"]]
    return any(end is None or end > after for end in ends)


def resume(caller: Caller, found: Objects, number: int, now: datetime) -> None:
    """Rest no longer; see `Provider.resume`."""
    sub = found.subscription
    rest = rest_of(sub) if sub is not None else None
    if sub is None or rest is None or rest.number != number or sub["status"] != "trialing":
        return
    _renewing(found)
    if moment(rest.ends) <= now:
        _turn(caller, sub, "now", rest)
    elif sub["trial_end"] != rest.ends:
        _turn(caller, sub, rest.ends, rest)


def _renewing(found: Objects) -> tuple[Json, Rest | None]:
    """The subscription, and the pause that it is in. Raises GatewayRefused when none can be."""
    sub = found.subscription
    if sub is None or sub["status"] not in ("active", "trialing") or stops(sub):
        raise GatewayRefused("Nothing renews.", "Resume renewal first.")
    rests = rest_of(sub) if sub["status"] == "trialing" else None
    if sub["status"] == "trialing" and rests is None:
        raise GatewayRefused("Nothing was paid yet.", "Pause after the trial.")
    return sub, rests


def _turn(caller: Caller, sub: Json, until: int | str, rest: Rest) -> None:
    caller.post(
        f"/v1/subscriptions/{segment(sub['id'])}",
        # Asked again, it sees that it is so: each turn is a call of its own.
        uuid4().hex,
        trial_end=until,
        proration_behavior="none",
        metadata={PAUSE: json.dumps(rest)},
    )
