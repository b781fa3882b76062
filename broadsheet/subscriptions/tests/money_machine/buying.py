"""Choosing a plan and paying for it, in as many windows as the reader likes."""

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
        ("pay", 0, DECLINED), ("leave", 0), ("settle", 0), ("settle", 0), ("settle", 1),
    )  # fmt: skip

    def choose(self, plan):
        try:
            actions.open_checkout(self.till, self.reader, self.plans[plan].current, "/a")
        except (Refusal, GatewaySilent):
            pass

    def coupon(self, plan):
        try:
            version, coupon = self.plans[plan].current, Coupon.objects.get()
            actions.open_checkout(self.till, self.reader, version, "/a", coupon=coupon)
        except (Refusal, GatewaySilent):
            pass

    def pay(self, number, card):
        ref = self.ref(number)
        if ref is not None and self.till.pay(ref, card).kind == "paid":
            self.promised.pop(ref, None)
            self._note_trial(ref)

    def _note_trial(self, ref):
        """From when until when it is free, by the reader's own calendar."""
        agreed = "SELECT trial_days FROM agreement WHERE ref = ?"
        if self.till.gateway.book.row(agreed, ref)["trial_days"] and ref not in self.tried:
            self.tried[ref] = clock.now(), clock.now() + TRIED
            self.till.counted[ref, 0] = clock.now() + TRIED

    def leave(self, number):
        if (ref := self.ref(number)) is not None:
            self.till.gateway.cancel(ref)

    def settle(self, number):
        if (ref := self.ref(number)) is not None:
            try:
                actions.settle(self.till, ref)
            except GatewaySilent:
                pass
