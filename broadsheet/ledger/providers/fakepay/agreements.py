"""Agreements: one checkout and the subscription it becomes, as rows and as a Standing."""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from broadsheet.kit.periods import Interval, start_of
from broadsheet.ledger.providers.base import (
    Charge,
    KeptCard,
    Listing,
    Order,
    Pending,
    Refunded,
    Standing,
    State,
    Stirred,
)
from broadsheet.ledger.providers.fakepay import changes
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.cards import Card
from broadsheet.ledger.providers.fakepay.refusals import Refused, invalid, unknown
from broadsheet.ledger.providers.fakepay.wording import say

OPEN_SECONDS = 24 * 3600.0
"""How long a checkout waits for its reader."""

PAGE = 100
"""Rows of a list."""


@dataclass(slots=True)
class Agreement:
    """One row. `number` is the period to be charged next, 0 until the first was paid.

    Periods from `base` on cost `amount` and are counted from `anchor`; `terms` is the key of the
    change that made it so. Before any change the first `first_periods` cost `first_amount`. One
    that is paid `once` never renews. After `trial_days`, agreed to but not paid, period 0 begins.
    `rest_from` is where the paid period ends from which on it rests, to its anchor; None else.
    `card` has the last four digits of the one that is kept, `card_ref` is its reference.

    `due_at` is when something happens by itself: an open checkout expires, the next period is
    charged or the agreement ends, a failed charge is tried again. None when nothing will.
    """

    ref: str
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
    state: State
    renews: bool
    anchor: float | None
    card: str
    conduct: str
    number: int
    retries: int
    due_at: float | None
    base: int
    terms: str
    once: bool
    trial_days: int
    first_amount: int
    first_periods: int
    rest_from: float | None
    card_ref: str
    card_expires: str

    @property
    def kept(self) -> Card:
        """The card that later charges are taken from."""
        return Card(self.card, self.conduct, self.card_expires)

    def keep(self, card: Card) -> None:
        """Take later charges from a card; the one that is kept already stays what it is."""
        if card != self.kept or not self.card_ref:
            self.card, self.conduct, self.card_expires = card.last_four, card.conduct, card.expires
            self.card_ref = new_ref("card")

    @property
    def due(self) -> int:
        """What the period to be charged next costs."""
        early = not self.terms and self.number < self.first_periods
        return self.first_amount if early else self.amount

    @property
    def in_trial(self) -> bool:
        """Whether it was agreed to, and its first charge is to come."""
        return self.state == "active" and self.number == 0

    def rests_until(self, now: float) -> float | None:
        """When the pause ends that is to come or runs at a moment; None when there is none."""
        if self.rest_from is None or self.anchor is None or self.state != "active":
            return None
        return self.anchor if self.anchor > max(self.rest_from, now) else None

    def next_start(self) -> float:
        """When the period to be charged next begins. Only for agreements that were agreed to."""
        anchor = moment(self.anchor or 0.0)
        number = self.number - self.base
        return start_of(anchor, number, self.interval, self.zone).timestamp()


def moment(seconds: float) -> datetime:
    """Unix seconds as an aware datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def new_ref(prefix: str) -> str:
    """An unguessable reference: 144 random bits."""
    return f"{prefix}_{secrets.token_urlsafe(18)}"


def insert(book: Book, order: Order, at: float) -> str:
    """Write down a new open agreement; its reference."""
    ref = new_ref("agr")
    book.run(
        "INSERT INTO agreement (ref, key, email, amount, currency, unit, count, zone, seller,"
        " description, language, return_url, cancel_url, state, due_at, renews, once, trial_days,"
        " first_amount, first_periods, stirred)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?)",
        *(ref, order.key, order.email, order.amount, order.currency),
        *(order.interval.unit, order.interval.count, order.zone, order.seller),
        *(order.description, order.language, order.return_url, order.cancel_url),
        *(at + OPEN_SECONDS, order.renews, not order.renews, order.trial_days),
        *((order.opening.amount, order.opening.periods) if order.opening else (0, 0)),
        at,
    )
    return ref


def load(book: Book, ref: str) -> Agreement:
    """The agreement under a reference. Raises Refused (404) when there is none."""
    row = book.row("SELECT * FROM agreement WHERE ref = ?", ref)
    if row is None:
        raise unknown("agreement", ref)
    return _agreement(row)


def under_key(book: Book, key: str) -> Agreement | None:
    """The agreement made with an order's key."""
    row = book.row("SELECT * FROM agreement WHERE key = ?", key)
    return _agreement(row) if row else None


def check_same(known: Agreement, order: Order) -> None:
    """Raise Refused (409) when an order differs from the one known under its key."""
    first = (order.opening.amount, order.opening.periods) if order.opening else (0, 0)
    before = (known.amount, known.currency, known.interval, known.once, known.trial_days)
    asked = (order.amount, order.currency, order.interval, not order.renews, order.trial_days)
    if (*before, known.first_amount, known.first_periods) != (*asked, *first):
        raise Refused("This key belongs to another order.", "Use a new key for a new order.")


def _agreement(row: sqlite3.Row) -> Agreement:
    values = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates its values
    del values["serial"], values["stirred"]
    values["interval"] = Interval(values.pop("unit"), values.pop("count"))
    values["renews"], values["once"] = bool(values["renews"]), bool(values["once"])
    return Agreement(**values)


def list_since(book: Book, since: float, cursor: str) -> Listing:
    """A page of the agreements that stirred at `since` or later. Raises Refused (422)."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 18):
        raise invalid("This is no cursor.", "Give that of the page before.")
    rows = book.rows(
        "SELECT serial, ref, key FROM agreement WHERE stirred >= ? AND serial > ?"
        " ORDER BY serial LIMIT ?",
        *(since, int(cursor or 0), PAGE),
    )
    after = str(rows[-1]["serial"]) if len(rows) == PAGE else ""
    return Listing(tuple(Stirred(row["ref"], row["key"]) for row in rows), after)


def save(book: Book, agreement: Agreement) -> None:
    """Write back what changes in the life of an agreement."""
    book.run(
        "UPDATE agreement SET state = ?, renews = ?, anchor = ?, card = ?, conduct = ?,"
        " number = ?, retries = ?, due_at = ?, amount = ?, unit = ?, count = ?, description = ?,"
        " base = ?, terms = ?, rest_from = ?, card_ref = ?, card_expires = ? WHERE ref = ?",
        *(agreement.state, agreement.renews, agreement.anchor, agreement.card),
        *(agreement.conduct, agreement.number, agreement.retries, agreement.due_at),
        *(agreement.amount, agreement.interval.unit, agreement.interval.count),
        *(agreement.description, agreement.base, agreement.terms),
        *(agreement.rest_from, agreement.card_ref, agreement.card_expires, agreement.ref),
    )


def standing(book: Book, agreement: Agreement, url: str, now: float) -> Standing:
    """Everything there is to say at a moment; `url` is the gateway's own address."""
    page, rests = f"{url}/pay/{agreement.ref}", agreement.rests_until(now)
    return Standing(
        ref=agreement.ref,
        key=agreement.key,
        state=agreement.state,
        amount=agreement.amount,
        currency=agreement.currency,
        interval=agreement.interval,
        started_at=None if agreement.anchor is None else moment(agreement.anchor),
        renews=agreement.renews,
        charges=_charges(book, agreement.ref, agreement.language),
        refunds=_refunds(book, agreement.ref),
        pay_url=page if agreement.state == "past_due" else "",
        url=page,
        base=agreement.base,
        terms=agreement.terms,
        pending=_pending(book, agreement, page, now),
        rests_until=None if rests is None else moment(rests),
        card=_kept(agreement),
    )


def _kept(agreement: Agreement) -> KeptCard | None:
    """The card of later charges; one that a file of an older version kept has no reference."""
    if not agreement.card:
        return None
    said = f"•••• {agreement.card}"
    return KeptCard(agreement.card_ref or "first", said, agreement.card_expires)


def _pending(book: Book, agreement: Agreement, page: str, now: float) -> Pending | None:
    change = changes.waiting(book, agreement.ref, now)
    if change is None:
        return None
    problem = say(change.problem, agreement.language) if change.problem else ""
    return Pending(change.key, change.at_once, page if change.at_once else "", problem)


def _charges(book: Book, ref: str, language: str) -> tuple[Charge, ...]:
    rows = book.rows(
        "SELECT charge.*, coalesce(fee.amount, 0) AS fee FROM charge LEFT JOIN fee"
        " ON fee.charge = charge.ref WHERE agreement = ? ORDER BY serial",
        ref,
    )
    return tuple(
        Charge(
            ref=row["ref"],
            number=row["number"],
            amount=row["amount"],
            currency=row["currency"],
            at=moment(row["at"]),
            paid=bool(row["paid"]),
            problem=say(row["problem"], language) if row["problem"] else "",
            card=row["card"],
            fee=row["fee"],
        )
        for row in rows
    )


def _refunds(book: Book, ref: str) -> tuple[Refunded, ...]:
    rows = book.rows(
        "SELECT refund.* FROM refund JOIN charge ON charge.ref = refund.charge"
        " WHERE charge.agreement = ? ORDER BY refund.serial",
        ref,
    )
    return tuple(Refunded(r["ref"], r["charge"], r["amount"], moment(r["at"])) for r in rows)
