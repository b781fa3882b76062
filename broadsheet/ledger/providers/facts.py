"""What a payment gateway tells us: of a checkout, of a webhook, of what stirred."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from broadsheet.kit.periods import Interval

State = Literal["open", "closed", "active", "past_due", "ended"]
"""`open`: the checkout waits for the reader. `closed`: left, replaced or expired without payment.
`past_due`: the last charge failed and the gateway tries again. `ended`: nothing is charged any
more."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One attempt to take the price of period `number` (0 is the first).

    `amount` in minor units; `at` in UTC by the gateway's clock; `problem` is the gateway's
    sentence when `paid` is False. `fee` is what the gateway keeps of it, minor units of the same
    currency, 0 while that is not known.
    """

    ref: str
    number: int
    amount: int
    currency: str
    at: datetime
    paid: bool
    problem: str = ""
    card: str = ""
    fee: int = 0


@dataclass(frozen=True, slots=True)
class Refunded:
    """Money given back for a charge; `amount` in minor units of its currency."""

    ref: str
    charge: str
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Disputed:
    """The reader's bank took money of the charge `charge` back, until it is decided who is right.

    `amount` in minor units, `at` when it was opened, `ended_at` when it was decided, None while it
    is open and where the gateway does not say (Razorpay); `won` means that we got the money again.
    `fee` is what the gateway takes for its trouble, `due_at` until when it takes our evidence, None
    when it does not say. Moments are UTC.
    """

    ref: str
    charge: str
    amount: int
    at: datetime
    state: Literal["open", "won", "lost"] = "open"
    ended_at: datetime | None = None
    fee: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeptCard:
    """The card that later charges are taken from.

    `ref` is the gateway's and another one for each card that was put in the place of the last;
    `said` names the card to its holder, such as "•••• 4242"; `expires` is the last month in which
    it is good, such as "2029-04", "" when that is not known.
    """

    ref: str
    said: str
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that the gateway knows and that is not in force yet.

    Planned for the end of the period when not `at_once`; otherwise the card was not charged, for
    the reason `problem`, and the reader can pay at `url` until the change expires.
    """

    key: str
    at_once: bool
    url: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything the gateway knows of one checkout and of the subscription it became.

    `ref` is the gateway's, `key` the one of our order ("" when the object is not one of ours).
    `charges`, `refunds` and `disputes` are complete, the oldest first. `pay_url` is the hosted page
    where an outstanding charge can be paid with another card, "" when nothing is outstanding.
    `renews` is False once renewal was stopped; the subscription is still active until its period
    ends.

    `amount` and `interval` are the terms in force from period `base` on, counted from
    `started_at`; `terms` is the key of the change that brought them, "" for the order's own.
    `pending` is a change to come. After a pause `base` is the first period after it; of one to come
    or running, `rests_until` is until when nothing is charged (UTC). `card` is the one of later
    charges, None where the gateway does not say.
    """

    ref: str
    key: str
    state: State
    amount: int
    currency: str
    interval: Interval
    started_at: datetime | None = None
    renews: bool = True
    charges: tuple[Charge, ...] = field(default=())
    refunds: tuple[Refunded, ...] = field(default=())
    pay_url: str = ""
    url: str = ""
    disputes: tuple[Disputed, ...] = field(default=())
    base: int = 0
    terms: str = ""
    pending: Pending | None = None
    rests_until: datetime | None = None
    card: KeptCard | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """An authentic webhook: something happened to `ref`. What, is asked with `look_up`.

    `ref` is "" for what is none of ours, on an account that other shops use too.
    """

    event: str
    ref: str
    kind: str


@dataclass(frozen=True, slots=True)
class Stirred:
    """A checkout at which something happened: its `ref`, its order's `key`."""

    ref: str
    key: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, at most some hundreds of rows. `cursor` asks for the next, "" ends it."""

    rows: tuple[Stirred, ...]
    cursor: str = ""
