"""Money on its way back, by staff or by a bank, and a reader who leaves for good."""

from django.db import transaction
from django.db.models import ProtectedError

from broadsheet.accounts.models import User
from broadsheet.kit.say import Refusal
from broadsheet.ledger.actions import order_refund
from broadsheet.ledger.models import Payment
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.tests.money_machine.stage import Stage


class Returning(Stage):
    MOVES = (
        ("bank", 0), ("bank", 1), ("decide", "won"), ("decide", "lost"),
        ("give_back", 0, 1), ("give_back", 1, 1), ("give_back", 0, 3), ("erase",),
    )  # fmt: skip

    def bank(self, number):
        """The reader's bank takes back what is left of a payment."""
        paid = list(Payment.objects.filter(reader=self.reader).order_by("-pk"))
        if not paid:
            return
        try:
            self.till.gateway.open_dispute(paid[number % len(paid)].ref, fee=150)
        except Refusal:
            pass

    def decide(self, outcome):
        for row in self.till.gateway.book.rows("SELECT ref FROM dispute WHERE state = 'open'"):
            self.till.gateway.end_dispute(row["ref"], outcome)

    def give_back(self, number, part):
        paid = list(Payment.objects.filter(reader=self.reader).order_by("-pk"))
        if not paid:
            return
        payment = paid[number % len(paid)]
        try:
            if part == 1:
                actions.refund(self.till, payment, "Asked", self.staff)
            else:
                order_refund(payment, payment.amount // part, "Asked", self.staff)
        except Refusal:
            pass

    def erase(self):
        """The reader wants to be forgotten; if that can be, the same person comes back."""
        refs = set(self.refs)
        try:
            with transaction.atomic():
                self.reader.delete()
        except ProtectedError:
            return
        self.erased |= refs
        self.page = None
        self.reader = User.objects.create_user("ben@lantern.example")
