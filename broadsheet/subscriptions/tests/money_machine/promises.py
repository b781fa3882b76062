"""What holds after every step."""

from hypothesis.stateful import invariant

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.ledger.models import Payment, Refund
from broadsheet.subscriptions import checks
from broadsheet.subscriptions.models import (
    Checkout,
    GiftSubscription,
    Pause,
    PlanChange,
    Subscription,
)
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.money_machine.stage import START, Stage

MAILS = {
    "paid": (
        "Your subscription: ", "Your subscription was renewed", "A payment goes back",
        "Your new plan: ", "Your gift: ",
    ),
    "refunded": ("Your money is on its way back",),
    "cancelled": ("Cancelled: ",),
    "resumed": ("Your subscription goes on",),
}  # fmt: skip


class Promises(Stage):
    @invariant()
    def the_books_agree(self):
        assert [*checks.everything()] == []

    @invariant()
    def what_was_shown_is_what_is_charged(self):
        for change in PlanChange.objects.filter(state=PlanChange.DONE):
            said = self.shown[change.key]
            assert (change.at_once, change.due, change.credit) == (
                said.at_once, said.due, said.credit,
            )  # fmt: skip
            period = change.subscription.periods.filter(number=change.number).first()
            paid = said.due if said.at_once else change.version.total.amount
            assert period is None or period.payment.amount == paid

    @invariant()
    def what_is_paid_once_is_charged_once(self):
        for found in Subscription.objects.filter(version__renews=False):
            assert found.periods.count() == 1
            assert found.end_reason not in (Subscription.CANCELLED, Subscription.UNPAID)

    @invariant()
    def the_first_price_is_had_once(self):
        firsts = Checkout.objects.filter(state=Checkout.PAID).exclude(opening_amount=None)
        owed = firsts.exclude(subscription__end_reason=Subscription.DUPLICATE)
        assert owed.filter(reader=self.reader).count() <= 1

    @invariant()
    def a_coupon_is_used_once(self):
        paid = Checkout.objects.filter(state=Checkout.PAID, coupon__isnull=False)
        owed = paid.exclude(subscription__end_reason=Subscription.DUPLICATE)
        assert owed.filter(reader=self.reader).count() <= 1

    @invariant()
    def nobody_has_two(self):
        assert Subscription.objects.live().count() <= 1

    @invariant()
    def access_is_what_was_paid_for(self):
        now = clock.now()
        opened = any(self._opens(s, now) for s in Subscription.objects.all())
        given = GiftSubscription.objects.filter(
            redeemed_by=self.reader, refunded_at=None, starts__lte=now, ends__gt=now
        )
        assert bool(entitlements(self.reader, now)) == (opened or given.exists())

    def _opens(self, subscription, now):
        """By paid periods and pauses alone: grace begins where the pause ends."""
        if subscription.end_reason == Subscription.DUPLICATE:
            return False
        paid = list(subscription.periods.all())
        ends = [p.ends for p in paid if p.refunded_at is None]
        last = max(ends, default=START)
        if last > now or not (ends and subscription.renews and subscription.is_live):
            return last > now
        rested = subscription.pauses.exclude(state__in=(Pause.OPEN, Pause.LEFT)).last()
        begins = last
        if rested is not None and rested.number > max(p.number for p in paid):
            waits = rested.state in Pause.WAITING
            begins = max(last, rested.until if waits else subscription.anchor)
        return begins <= now < begins + subscription.grace

    @invariant()
    def every_cause_has_one_mail(self):
        subjects = list(Mail.objects.values_list("subject", flat=True))
        found = {
            name: sum(subject.startswith(starts) for subject in subjects)
            for name, starts in MAILS.items()
        }
        assert found == {
            "paid": Payment.objects.count(),
            "refunded": Refund.objects.count(),
            "cancelled": self.wishes.count(False),
            "resumed": self.wishes.count(True),
        }
