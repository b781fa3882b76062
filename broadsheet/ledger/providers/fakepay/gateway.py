"""The engine: agreements, charges and the clock, without HTTP. Safe for threads and for kill -9."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from broadsheet.ledger.providers.base import Change, Hosted, Listing, Order, Standing
from broadsheet.ledger.providers.fakepay import changes, charging, disputes, pausing
from broadsheet.ledger.providers.fakepay.agreements import (
    Agreement,
    check_same,
    insert,
    list_since,
    moment,
    new_ref,
    save,
    standing,
    under_key,
)
from broadsheet.ledger.providers.fakepay.book import Book
from broadsheet.ledger.providers.fakepay.cards import Card
from broadsheet.ledger.providers.fakepay.clock import Clock, read_clock
from broadsheet.ledger.providers.fakepay.events import announce
from broadsheet.ledger.providers.fakepay.orders import check_change, check_order
from broadsheet.ledger.providers.fakepay.refusals import Refused, invalid


@dataclass(frozen=True, slots=True)
class Outcome:
    """What paying came to, and the agreement as it is now.

    `settled`: paid before, nothing was taken now. `too_late`: closed or ended, nothing to pay.
    `problem` is the gateway's sentence when the charge failed.
    """

    kind: Literal["paid", "settled", "failed", "too_late"]
    agreement: Agreement
    problem: str = ""


class Gateway:
    """One gateway on one file. `url` is where its pages are, without a slash at the end."""

    def __init__(self, path: Path, *, url: str = "", announces: bool = True) -> None:
        """Open or make the file. Without `announces` no webhooks are queued: for seeding."""
        self.book = Book(path, announces=announces)
        self.url = url.rstrip("/")

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Many calls in one transaction, all or none. Other threads wait until it ends."""
        with self.book.change():
            yield

    def close(self) -> None:
        """Close the file."""
        self.book.close()

    def now(self) -> datetime:
        """The moment by the gateway's clock, in UTC."""
        return moment(self._now())

    def _clock(self) -> Clock:
        return read_clock(self.book.fact("clock"))

    def _now(self) -> float:
        return self._clock().now(time.time())

    def stop_clock(self, at: datetime) -> None:
        """Let the clock stand at a moment until it is set, advanced or let go.

        Raises Refused (409) for a moment gone by, unless there is no agreement yet.
        """
        with self.book.change():
            if self.book.row("SELECT 1 FROM agreement LIMIT 1") is not None:
                self._move(at.timestamp())
            self.book.keep("clock", Clock(stands_at=at.timestamp()).text())

    def start_clock(self) -> None:
        """Let the clock run with real time. What fell due up to now is run, in order."""
        with self.book.change():
            clock, real = self._clock(), time.time()
            running = clock.running(real)
            charging.run_due(self.book, running.now(real))
            self.book.keep("clock", running.text())

    def set_clock(self, at: datetime) -> None:
        """Move the clock forward; what falls due on the way is run in order, each at its moment.

        All of it in one transaction. Raises Refused (409) for a moment gone by.
        """
        with self.book.change():
            self._move(at.timestamp())

    def advance(self, seconds: float) -> None:
        """Move the clock forward by so many seconds, as `set_clock` does."""
        with self.book.change():
            self._move(self._now() + seconds)

    def _move(self, at: float) -> None:
        clock, real = self._clock(), time.time()
        if at < clock.now(real):
            raise Refused("The clock only goes forward.", "Name a moment to come.")
        charging.run_due(self.book, at)
        self.book.keep("clock", clock.moved_to(at, real).text())

    def run_due(self) -> int:
        """Run what is due by now; how many steps. Cheap when nothing is."""
        if self.book.row("SELECT 1 FROM agreement WHERE due_at <= ? LIMIT 1", self._now()) is None:
            return 0
        with self.book.change():
            return charging.run_due(self.book, self._now())

    def open_checkout(self, order: Order) -> Hosted:
        """See `Provider.open_checkout`. Raises Refused: 422 for an order nobody could pay."""
        check_order(order)
        with self.book.change():
            known = under_key(self.book, order.key)
            if known is None:
                ref = self._open(order)
            else:
                ref = known.ref
                check_same(known, order)
        return Hosted(ref, self.page(ref))

    def _open(self, order: Order) -> str:
        now = self._now()
        if order.replaces:
            replaced = charging.up_to_date(self.book, order.replaces, now)
            if replaced.anchor is not None:
                raise Refused("The checkout to be replaced has been paid.", "Look it up.")
            if replaced.state == "open":
                charging.close(self.book, replaced, now)
        return insert(self.book, order, now)

    def page(self, ref: str) -> str:
        """Address of the hosted page of an agreement."""
        return f"{self.url}/pay/{ref}"

    def agreement(self, ref: str) -> Agreement:
        """The agreement as it is now. Raises Refused (404) when there is none."""
        with self.book.change():
            return charging.up_to_date(self.book, ref, self._now())

    def look_up(self, ref: str) -> Standing:
        """See `Provider.look_up`. Raises Refused (404)."""
        with self.book.change():
            found = standing(self.book, self.agreement(ref), self.url, self._now())
            return replace(found, disputes=disputes.disputes_of(self.book, ref))

    def list_since(self, since: datetime, cursor: str = "") -> Listing:
        """See `Provider.list_since`. Raises Refused (422). What is due is run first."""
        self.run_due()
        return list_since(self.book, since.timestamp(), cursor)

    def pay(self, ref: str, card: Card, *, confirmed: bool = False) -> Outcome:
        """What the form of the hosted page does: charge what is outstanding, at most once.

        That is a period, or a change to be paid at once. `confirmed` to the card's bank, should it
        ask. Raises Refused (404) when there is no such agreement.
        """
        with self.book.change():
            agreement, now = self.agreement(ref), self._now()
            if agreement.state == "active":
                return self._pay_change(agreement, card, confirmed)
            if agreement.state in ("closed", "ended"):
                return Outcome("too_late", agreement)
            problem = charging.pay(self.book, agreement, card, now, confirmed=confirmed)
            return Outcome("failed" if problem else "paid", agreement, problem)

    def _pay_change(self, agreement: Agreement, card: Card, confirmed: bool) -> Outcome:
        wanted = self.to_pay(agreement)
        if wanted is None:
            return Outcome("settled", agreement)
        problem = charging.pay_change(
            self.book, agreement, wanted, card, self._now(), confirmed=confirmed
        )
        return Outcome("failed" if problem else "paid", agreement, problem)

    def to_pay(self, agreement: Agreement) -> changes.Wanted | None:
        """The change of an active agreement that waits to be paid."""
        wanted = changes.waiting(self.book, agreement.ref, self._now())
        return wanted if wanted is not None and wanted.at_once else None

    def change(self, ref: str, change: Change) -> None:
        """See `Provider.change`. Raises Refused: 404, 409 for a misfit, 422 for no terms."""
        check_change(change)
        with self.book.change():
            agreement = self.agreement(ref)
            known = changes.under_key(self.book, change.key)
            if known is None:
                self._change(agreement, change)
            elif not known.is_same(ref, change) or known.state == "dropped":
                raise Refused("This change was dropped, or is another one.", "Use a new key.")

    def _change(self, agreement: Agreement, change: Change) -> None:
        fits = agreement.state == "active" and agreement.number == change.number
        if not fits or change.expires_at.timestamp() <= self._now():
            raise Refused("The agreement is not what this change was made for.", "Look it up.")
        if agreement.once or agreement.in_trial or agreement.rests_until(self._now()) is not None:
            raise Refused("What is paid once, in its trial or rests does not change.", "Wait.")
        if not agreement.renews and not change.at_once:
            raise Refused("Nothing renews.", "Resume renewal first.")
        wanted = changes.insert(self.book, agreement.ref, change)
        if wanted.at_once:
            self._pay_change(agreement, agreement.kept, confirmed=False)
        else:
            announce(self.book, "change.planned", agreement.ref, self._now())

    def drop_change(self, ref: str, key: str) -> None:
        """See `Provider.drop_change`. Raises Refused: 404, 409 when it is in force."""
        with self.book.change():
            agreement = self.agreement(ref)
            known = changes.under_key(self.book, key)
            if known is not None and known.state == "in_force":
                raise Refused("This change is in force already.", "Look the agreement up.")
            if known is not None and known.agreement == ref and known.state == "waiting":
                changes.drop(self.book, agreement.ref)
                announce(self.book, "change.dropped", agreement.ref, self._now())

    def pause(self, ref: str, *, number: int, until: datetime) -> None:
        """See `Provider.pause`. Raises Refused: 404, 409 for a misfit."""
        with self.book.change():
            agreement, now = self.agreement(ref), self._now()
            pausing.pause(self.book, agreement, number, until.timestamp(), now)

    def resume(self, ref: str, *, number: int) -> None:
        """See `Provider.resume`. Raises Refused: 404, 409 when nothing renews."""
        with self.book.change():
            pausing.resume(self.book, self.agreement(ref), number, self._now())

    def cancel(self, ref: str) -> Agreement:
        """Leave the checkout: an open one is closed, any other stays. Raises Refused (404)."""
        with self.book.change():
            agreement = self.agreement(ref)
            if agreement.state == "open":
                charging.close(self.book, agreement, self._now())
            return agreement

    def set_renewal(self, ref: str, *, renews: bool) -> None:
        """See `Provider.set_renewal`. Raises Refused: 404 unknown, 409 when nothing renews.

        Stopped while a charge is outstanding, the agreement ends at once: its paid time is over.
        Stopping again what was stopped and has ended since is no error: the answer may be lost.
        """
        with self.book.change():
            agreement = self.agreement(ref)
            if agreement.state == "ended" and not agreement.renews and not renews:
                return
            if agreement.state not in ("active", "past_due"):
                raise Refused(
                    f"The agreement is {agreement.state}, not active.", "Make a new checkout."
                )
            if renews and agreement.once:
                raise Refused("This was sold without renewal.", "Make a new checkout.")
            if agreement.renews != renews:
                self._turn_renewal(agreement, renews)

    def _turn_renewal(self, agreement: Agreement, renews: bool) -> None:
        now = self._now()
        agreement.renews = renews
        changes.drop(self.book, agreement.ref)
        save(self.book, agreement)
        announce(self.book, "renewal.resumed" if renews else "renewal.stopped", agreement.ref, now)
        if agreement.state == "past_due":
            charging.end(self.book, agreement, now)

    def refund(self, charge: str, amount: int, *, key: str) -> None:
        """See `Provider.refund`. Raises Refused: 404, 409 for too much, 422 for no amount."""
        if amount <= 0 or not key:
            raise invalid("A refund needs an amount above zero and a key.", "Give both.")
        with self.book.change():
            known = self.book.row("SELECT charge, amount FROM refund WHERE key = ?", key)
            if known is None:
                self._refund(charge, amount, key)
            elif (known["charge"], known["amount"]) != (charge, amount):
                raise Refused("This key belongs to another refund.", "Use a new key.")

    def _refund(self, charge: str, amount: int, key: str) -> None:
        remains = disputes.left_of(self.book, charge)
        if amount > remains:
            raise Refused(f"Only {remains} is left of this charge.", "Give back less.")
        now = self._now()
        self.book.run(
            "INSERT INTO refund (ref, key, charge, amount, at) VALUES (?, ?, ?, ?, ?)",
            *(new_ref("ref"), key, charge, amount, now),
        )
        row = self.book.row("SELECT agreement FROM charge WHERE ref = ?", charge)
        announce(self.book, "refund.made", str(row and row["agreement"]), now)

    def set_fee(self, rate: int) -> None:
        """Keep so many ten-thousandths of every later charge. Raises Refused (422)."""
        with self.book.change():
            disputes.set_fee(self.book, rate)

    def open_dispute(self, charge: str, *, fee: int = 0) -> str:
        """A reader's bank takes what is left of a charge back. Raises Refused: 404, 409."""
        with self.book.change():
            return disputes.open_dispute(self.book, charge, fee, self._now())

    def end_dispute(self, ref: str, state: Literal["won", "lost"]) -> None:
        """The bank has decided whether we keep the money. Raises Refused (409)."""
        with self.book.change():
            disputes.end_dispute(self.book, ref, state, self._now())

    def set_card(self, ref: str, card: Card) -> None:
        """Change the card of later charges. Raises Refused: 404, 409 when none was kept."""
        with self.book.change():
            agreement = self.agreement(ref)
            if agreement.state not in ("active", "past_due"):
                raise Refused(f"The agreement is {agreement.state}.", "Name a paid one.")
            # As when a bank exchanges a card's number: what is kept is still the same.
            agreement.card, agreement.conduct = card.last_four, card.conduct
            save(self.book, agreement)
