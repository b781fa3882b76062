"""Choosing a plan and paying for it, in as many windows as the reader likes."""

from typing import ClassVar

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Coupon
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, ONCE
from broadsheet.subscriptions.tests.money_machine.stage import TRIED, Stage


class Buying(Stage):
    MOVES = (
        ("choose", 0), ("choose", 1), ("choose", 2), ("choose", 3), ("choose", 3),
        ("coupon", 0), ("coupon", 2), ("coupon", 3),
        *[("pay", number, card) for number in (0, 1) for card in (GOOD, ONCE)],
        ("decline", 0), ("leave", 0), ("settle", 0), ("settle", 0), ("settle", 1),
    )  # fmt: skip

    NEEDS: ClassVar = {
        "choose": lambda m, plan: m.live is None,
        "coupon": lambda m, plan: m.live is None,
        "pay": lambda m, number, card: m.agreed(m.ref(number)) in ("open", "past_due"),
        "decline": lambda m, number: m.agreed(m.ref(number)) == "open",
        "leave": lambda m, number: m.agreed(m.ref(number)) == "open",
        "settle": lambda m, number: m.agreed(m.ref(number)) not in ("", "open"),
    }

    def choose(self, plan):
        return self._open(plan)

    def coupon(self, plan):
        return self._open(plan, coupon=Coupon.objects.get())

    def _open(self, plan, **facts):
        try:
            return actions.open_checkout(
                self.till, self.reader, self.plans[plan].current, "/a", **facts
            )
        except (Refusal, GatewaySilent):
            return None

    def pay(self, number, card):
        ref = self.ref(number)
        paid = ref is not None and self.till.pay(ref, card).kind == "paid"
        if paid:
            self.promised.pop(ref, None)
            self._note_trial(ref)
        return paid

    def decline(self, number):
        ref = self.ref(number)
        return ref is not None and self.till.pay(ref, DECLINED).kind == "failed"

    def _note_trial(self, ref):
        """From when until when it is free, by the reader's own calendar."""
        agreed = "SELECT trial_days FROM agreement WHERE ref = ?"
        if self.till.gateway.book.row(agreed, ref)["trial_days"] and ref not in self.tried:
            self.tried[ref] = clock.now(), clock.now() + TRIED
            self.till.counted[ref, 0] = clock.now() + TRIED

    def leave(self, number):
        ref = self.ref(number)
        return ref is not None and self.till.gateway.cancel(ref).state == "closed"

    def settle(self, number):
        """Whether something was heard that was not known."""
        before, ref = self.books, self.ref(number)
        if ref is not None:
            try:
                actions.settle(self.till, ref)
            except GatewaySilent:
                return False
        return self.books != before
