"""Gift subscriptions: bought by the reader or by somebody else, redeemed, perhaps given back."""

from typing import ClassVar

from hypothesis.stateful import invariant

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.tests.cast import balance
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import GiftSubscription, PaidPeriod
from broadsheet.subscriptions.reads.gifts.redeeming import gift_of_code, gift_terms
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD
from broadsheet.subscriptions.tests.gift_cast import code, ordered
from broadsheet.subscriptions.tests.money_cast import plus
from broadsheet.subscriptions.tests.money_machine.stage import Stage


class Giving(Stage):
    MOVES = (
        ("give", 2, True), ("give", 3, True), ("give", 2, False),
        ("pay_gift", GOOD), ("pay_gift", GOOD), ("pay_gift", DECLINED),
        ("ask_gift", 0), ("ask_gift", 0), ("ask_gift", 1),
        ("open_gift", 0), ("open_gift", 0), ("open_gift", 1),
    )  # fmt: skip
    """Only what is for one reader can be given."""

    NEEDS: ClassVar = {
        "give": lambda m, plan, has_account: m.gift(state="open") is None,
        "pay_gift": lambda m, card: m.agreed(m.gift_ref) == "open",
        "ask_gift": lambda m, number: m.gift() is not None,
        "open_gift": lambda m, number: m.gift(state="paid") is not None,
    }

    def give(self, plan, has_account):
        """The buyer is the reader, or somebody without an account."""
        facts = {"buyer": self.reader} if has_account else {}
        try:
            return ordered(self.till, self.plans[plan], **facts)
        except GatewaySilent:
            return False

    def gift(self, number=0, **facts):
        found = list(GiftSubscription.objects.exclude(ref=None).filter(**facts).order_by("-pk"))
        return found[number % len(found)] if found else None

    @property
    def gift_ref(self):
        gift = self.gift(state="open")
        return gift and gift.ref

    def pay_gift(self, card):
        ref = self.gift_ref
        return ref is not None and self.till.pay(ref, card).kind == "paid"

    def ask_gift(self, number):
        """Whether something was heard that was not known."""
        before, gift = self.books, self.gift(number)
        if gift is not None:
            try:
                actions.ask_about_gift(self.till, gift)
            except GatewaySilent:
                return False
        return self.books != before

    def open_gift(self, number):
        """The code is tried, whatever became of the gift."""
        gift = self.gift(number, state="paid")
        if gift is None:
            return False
        was = (gift.redeemed_at, gift.refunded_at)
        expected, live = self._paid_until(), self.live
        try:
            seen = gift_terms(self.reader, gift_of_code(code(gift)))
            opened = actions.redeem_gift(self.reader, code(gift), seen.seal)
        except Refusal:
            return False
        assert was == (None, None), "redeemed once, and never after it was given back"
        if live is not None and live.renews:
            live.refresh_from_db()
            assert not live.renews
            if live.is_live:
                self.wishes.append(False)
            self.promised.setdefault(live.ref, clock.now())
        if opened.starts != expected:
            # What the gateway had charged unheard was asked for first.
            assert opened.starts == self._paid_until(but=opened.pk)
        length = opened.version.interval
        assert opened.ends == plus(opened.starts, length.unit, length.count)
        self.redeemed[opened.pk] = self.reader.pk, (opened.starts, opened.ends)
        return True

    def _paid_until(self, but=0):
        """Where what is paid for, and unbroken, ends: by periods and gifts, not by grants."""
        mine = {"subscription__reader": self.reader, "refunded_at": None}
        paid = PaidPeriod.objects.filter(**mine).exclude(subscription__end_reason="duplicate")
        spans = list(paid.values_list("starts", "ends"))
        spans += [span for found in self._mine() for span in self._free(found)]
        given = GiftSubscription.objects.filter(redeemed_by=self.reader, refunded_at=None)
        spans += given.exclude(pk=but).values_list("starts", "ends")
        at = clock.now()
        while found := [ends for starts, ends in spans if starts <= at < ends]:
            at = max(found)
        return at

    @invariant()
    def a_gift_is_waiting_or_earned(self):
        waiting = [
            gift.payment.invoice.net
            + sum(refund.invoice.net for refund in gift.payment.refunds.all())
            + sum(step.invoice.net for step in gift.payment.disputes.all() if step.invoice)
            for gift in GiftSubscription.objects.filter(redeemed_at=None, payment__isnull=False)
        ]
        assert -balance("gifts") == sum(waiting)

    @invariant()
    def nobody_is_given_days_that_were_paid_for(self):
        """But for what was bought after the gift was redeemed, knowing of it."""
        for gift in GiftSubscription.objects.filter(redeemed_by=self.reader, refunded_at=None):
            paid = PaidPeriod.objects.filter(
                subscription__reader=self.reader, refunded_at=None, starts__lt=gift.ends,
                ends__gt=gift.starts, payment__at__lt=gift.redeemed_at,
                subscription__checkout__state="paid",
            )  # fmt: skip
            assert not paid.exclude(subscription__end_reason="duplicate").exists()
