"""What the paper asks of a payment gateway: twelve methods, whichever gateway it is.

The gateway keeps the card, shows the checkout page and charges each period by its own clock. The
paper never believes what a webhook says: it asks the gateway (`look_up`) and takes over what is
true. So webhooks may come first, twice, late, out of order or never.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from broadsheet.kit.periods import Interval
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.facts import (
    Charge,
    Disputed,
    KeptCard,
    Listing,
    Pending,
    Refunded,
    Standing,
    State,
    Stirred,
    Told,
)

__all__ = [
    "Ability",
    "BadSignature",
    "Change",
    "Charge",
    "Disputed",
    "GatewayRefused",
    "GatewaySilent",
    "Hosted",
    "KeptCard",
    "Listing",
    "Opening",
    "Order",
    "Pending",
    "Provider",
    "Refunded",
    "Standing",
    "State",
    "Stirred",
    "Told",
]

Ability = Literal["change", "once", "trial", "opening", "trial_opening", "pause", "resume", "card"]
"""What not every gateway can do: change the terms of a subscription (`change`), sell without
renewal (`Order.renews`), charge nothing for some days (`Order.trial_days`), take another price for
the first periods (`Order.opening`), one after the other (`trial_opening`), rest (`pause`), go on
after a stop (`resume`), take another card while nothing is overdue (`card`)."""


class GatewaySilent(Exception):
    """The gateway did not answer, or failed: nobody knows what it did. Ask again, same key."""


class GatewayRefused(Refusal):
    """The gateway understood and said no; asking again would not help."""


class BadSignature(Refusal):
    """A webhook that the gateway did not sign, or too long ago. Nothing may come of it."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The first `periods` periods cost `amount` each: minor units, tax in it. One of 0 is paid."""

    amount: int
    periods: int


@dataclass(frozen=True, slots=True)
class Order:
    """What a reader is about to agree to.

    `key` is ours and makes the call repeatable: the same key is the same checkout, whatever was
    lost on the way. `amount` is what one period costs in minor units of `currency` (ISO 4217),
    tax included. `zone` is the IANA zone in which periods are counted. `replaces` is the `ref` of
    an open checkout of the same reader, to be closed in the same step.

    Unless it `renews`, period 0 is paid and nothing after it. For `trial_days` days of 24 hours
    after the reader agreed nothing is charged: then period 0 begins. `opening` is what the first
    periods cost when that is not `amount`. A provider refuses (GatewayRefused) what it lacks the
    ability for.
    """

    key: str
    email: str
    amount: int
    currency: str
    interval: Interval
    zone: str
    seller: str
    description: str
    language: str
    return_url: str
    cancel_url: str
    replaces: str = ""
    renews: bool = True
    trial_days: int = 0
    opening: Opening | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Other terms for a subscription that is paid: `amount` every `interval`, tax included.

    `key` is ours and makes the call repeatable. `number` is the first period on the new terms: the
    next one, by our books. `at_once` it begins now and costs `due`, taken from the card that is
    kept; else it begins where the paid period ends and costs `amount`, and `due` is 0. Amounts are
    minor units of the order's currency. After `expires_at` (UTC) nothing comes of it any more,
    unless it was agreed to for the end of the period before.
    """

    key: str
    number: int
    amount: int
    interval: Interval
    description: str
    due: int
    at_once: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Hosted:
    """A checkout at the gateway: its `ref`, and the page to send the reader to."""

    ref: str
    url: str


class Provider(Protocol):
    """A payment gateway. All calls but `check_order` and `verify` go over the network.

    They raise GatewaySilent when the gateway does not answer within some seconds or fails, and
    GatewayRefused when it says no. Nothing here touches the paper's database.
    """

    name: str
    can: frozenset[Ability]
    trial_wait: timedelta
    """After a checkout opened its trial counts; zero: from when the reader agrees."""

    def check_order(self, order: Order) -> None:
        """Raise GatewayRefused for what the gateway is known not to sell. Only the terms matter:
        amount, currency, interval, renewal, trial, first price."""
        ...

    def open_checkout(self, order: Order) -> Hosted:
        """Make the hosted checkout; the same key again gives the same one.

        Raises GatewayRefused when the order differs from the one known under its key, or when
        the checkout it replaces has been paid.
        """
        ...

    def look_up(self, ref: str) -> Standing:
        """The truth about a checkout. Raises GatewayRefused when the gateway has none such."""
        ...

    def verify(self, headers: Mapping[str, str], body: bytes, *, now: float) -> Told:
        """Read a webhook. `headers` have lower-case names; `now` is Unix seconds.

        Raises BadSignature for a missing or wrong signature, or one older than 300 seconds (where
        each delivery is signed anew; else than the gateway delivers it).
        """
        ...

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """Stop renewing at the end of the paid period, or take that back. Repeatable."""
        ...

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """Give back so many minor units of a charge; the same key again gives nothing more.

        Raises GatewayRefused for more than is left of the charge.
        """
        ...

    def change(self, ref: str, change: Change) -> None:
        """Charge what is due and change the terms, or plan that; `look_up` says what came of it.

        The same key again charges nothing again. A card that is declined, or whose bank wants to
        ask its holder, changes nothing: the change is pending, with a page to pay it. One change
        takes the place of another that is pending. Raises GatewayRefused when the subscription is
        overdue or has ended, when `number` is not its next period, and after `expires_at`.
        """
        ...

    def drop_change(self, ref: str, key: str) -> None:
        """Let go of a pending change, and say nothing when it is not pending. Repeatable.

        Raises GatewayRefused when it is in force already.
        """
        ...

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """Let it rest when its paid period ends: the next one, `number` by our books, begins and is
        charged at `until` (UTC), and later ones are counted from there. Repeatable. A change that
        waits comes to nothing. Raises GatewayRefused when nothing renews, a charge is outstanding,
        `number` is not its next period, or `until` is in the paid one."""
        ...

    def resume(self, ref: str, *, number: int) -> None:
        """End the pause before period `number`, and say nothing when it is over. Repeatable. One to
        come is taken back: periods are counted from where the paid one ends. Of one that runs, the
        next period begins now, and is charged. Raises GatewayRefused when nothing renews."""
        ...

    def open_card_page(self, ref: str, *, return_url: str, language: str) -> str:
        """Make a hosted page where another card takes the place of the one that is kept.

        Each call is a page of its own, good for a day; nothing is charged there, and nothing is
        changed before a card was accepted. The reader comes back to `return_url` either way;
        `look_up` says which card is kept. Raises GatewayRefused when nothing renews.
        """
        ...

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """A page of the checkouts at which something happened at `since` (UTC) or later.

        That is: opened, paid or tried to be, given back, disputed or decided, renewal stopped or
        resumed, changed, its card changed, paused, ended; in the gateway's own pages too. In any
        order, one more than once if need be; all of them, whatever happens meanwhile, but what
        happens after the first page was asked for. Left out is what does not carry the key of an
        order (`Order.key`); what carries the key of another paper on the same account may be there.

        `cursor` is "" for the first page, then that of the page before. It is the gateway's own,
        at most 300 characters, and good for a day, in another process too. Whoever must ask for
        charges, refunds, disputes and subscriptions one after another keeps in it where it was; a
        page may then be empty and go on. Refs are those that `look_up` takes.
        """
        ...
