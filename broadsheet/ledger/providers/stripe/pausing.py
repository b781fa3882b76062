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
from broadsheet.ledger.providers.stripe.objects import Objects, moment

PAUSE = "broadsheet_pause"


class Rest(NamedTuple):
    """Period `number` is the first after it; `ends` is where the paid period before it ends."""

    number: int
    ends: int


def rest_of(sub: Json) -> Rest | None:
    """The pause that a subscription is in or was in last."""
    mark = sub["metadata"].get(PAUSE)
    return Rest(*json.loads(mark)) if mark else None


def pause(caller: Caller, found: Objects, until: datetime | None, now: datetime) -> None:
    """Rest until a moment, or no longer; see `Stripe.pause`."""
    sub = found.subscription
    if sub is None or sub["status"] not in ("active", "trialing") or sub["cancel_at_period_end"]:
        raise GatewayRefused("Nothing renews.", "Resume renewal first.")
    rests = rest_of(sub) if sub["status"] == "trialing" else None
    if sub["status"] == "trialing" and rests is None:
        raise GatewayRefused("Nothing was paid yet.", "Pause after the trial.")
    if until is not None:
        begun = rests or Rest(len(found.periods()), sub["items"]["data"][0]["current_period_end"])
        _rest(caller, sub, begun, until)
    elif rests is not None:
        _go_on(caller, sub, rests, now)


def _rest(caller: Caller, sub: Json, rest: Rest, until: datetime) -> None:
    if until <= moment(rest.ends):
        raise GatewayRefused("The paid period goes on for longer than that.", "Name a later day.")
    if sub["trial_end"] != int(until.timestamp()):
        _turn(caller, sub, int(until.timestamp()), rest)


def _go_on(caller: Caller, sub: Json, rest: Rest, now: datetime) -> None:
    if moment(rest.ends) <= now:
        _turn(caller, sub, "now", rest)
    elif sub["trial_end"] != rest.ends:
        _turn(caller, sub, rest.ends, rest)


def _turn(caller: Caller, sub: Json, until: int | str, rest: Rest) -> None:
    caller.post(
        f"/v1/subscriptions/{segment(sub['id'])}",
        # Asked again, it sees that it is so: each turn is a call of its own.
        uuid4().hex,
        trial_end=until,
        proration_behavior="none",
        metadata={PAUSE: json.dumps(rest)},
    )
