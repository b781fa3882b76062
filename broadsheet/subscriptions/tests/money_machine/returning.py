"""Money on its way back, by staff or by a bank, and a reader who leaves for good."""

from typing import ClassVar

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import left_of, order_refund
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout
from broadsheet.subscriptions.tests.money_machine.stage import Stage


class Returning(Stage):
    MOVES = (
        ("bank", 0), ("bank", 1), ("decide", "won"), ("decide", "lost"),
        ("give_back", 0, 1), ("give_back", 1, 1), ("give_back", 0, 3), ("erase",),
    )  # fmt: skip

    NEEDS: ClassVar = {
        "bank": lambda m, number: m.is_left(number),
        "decide": lambda m, outcome: bool(m.disputed()),
        "give_back": lambda m, number, part: m.is_left(number),
        "erase": lambda m: Payment.objects.filter(reader=m.reader).exists(),
    }

    def payment(self, number):
        paid = list(Payment.objects.filter(reader=self.reader).order_by("-pk"))
        return paid[number % len(paid)] if paid else None

    def is_left(self, number):
        payment = self.payment(number)
        return payment is not None and left_of(payment) > 0

    def disputed(self):
        return self.till.gateway.book.rows("SELECT ref FROM dispute WHERE state = 'open'")

    def bank(self, number):
        """The reader's bank takes back what is left of a payment."""
        if (payment := self.payment(number)) is None:
            return False
        try:
            return self.till.gateway.open_dispute(payment.ref, fee=150)
        except Refusal:
            return False

    def decide(self, outcome):
        found = self.disputed()
        for row in found:
            self.till.gateway.end_dispute(row["ref"], outcome)
        return found

    def give_back(self, number, part):
        if (payment := self.payment(number)) is None:
            return False
        try:
            if part == 1:
                actions.refund(self.till, payment, "Asked", self.staff)
            else:
                order_refund(payment, payment.amount // part, "Asked", self.staff)
        except Refusal:
            return False
        return True

    def erase(self):
        """The reader deletes the account; whether it is gone at once. Another one is made then."""
        leaving, live = self.reader, self.live
        if live is not None:
            self.promised.setdefault(live.ref, clock.now())
            self.last_wish[live.ref] = len(self.wishes), False
        self.leaving[leaving.pk] = set()
        self.note_gone()
        gone = actions.ask_to_erase(leaving)
        assert gone or not User.objects.get(pk=leaving.pk).is_active
        self.reader = User.objects.create_user(f"ben{len(self.leaving)}@lantern.example")
        self.readers.append(self.reader)
        self.page = None
        return True

    def note_gone(self):
        """Whose account is erased by now, and what they had bought."""
        there = set(User.objects.values_list("pk", flat=True))
        self.readers = [reader for reader in self.readers if reader.pk in there]
        for number, refs in self.leaving.items():
            known = Checkout.objects.filter(reader=number).exclude(ref=None)
            refs.update(known.values_list("ref", flat=True))
            if number not in there:
                self.erased |= refs
