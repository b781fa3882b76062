"""What holds after every step."""

from datetime import timedelta

from hypothesis.stateful import invariant

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.ledger.models import Dispute, Payment, Refund
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
    "cancelled": ("Cancelled: ",), "tried": ("Your trial of ",),
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
        ends = [p.ends for p in subscription.periods.filter(refunded_at=None)]
        ends += [until for _, until in self._free(subscription)]
        last = max(ends, default=START)
        if last > now or not (ends and subscription.renews and subscription.is_live):
            return last > now
        begins = self._grace_begins(subscription, last)
        return begins <= now < begins + subscription.grace

    def _grace_begins(self, subscription, last):
        """Where what is paid for ends, or the pause after it."""
        rested = subscription.pauses.exclude(state__in=(Pause.OPEN, Pause.LEFT)).last()
        numbers = subscription.periods.values_list("number", flat=True)
        if rested is None or rested.number <= max(numbers, default=-1):
            return last
        return max(last, rested.until if rested.state in Pause.WAITING else subscription.anchor)

    @invariant()
    def access_to_come_is_what_was_paid_for(self):
        """Nobody pays without access, or has it unpaid: at every moment to come, recomputed from
        the rows of the ledger without asking the rules."""
        given = GiftSubscription.objects.filter(redeemed_by=self.reader, refunded_at=None)
        spans = [span for s in self._mine() for span in self._spans(s)]
        spans += given.values_list("starts", "ends")
        edges = {at for span in spans for at in span} | {clock.now()}
        for at in edges | {edge - timedelta(microseconds=1) for edge in edges}:
            if at >= clock.now():
                paid = any(starts <= at < ends for starts, ends in spans)
                assert bool(entitlements(self.reader, at)) == paid, at

    def _mine(self):
        return self.reader.subscriptions.exclude(end_reason=Subscription.DUPLICATE)

    def _free(self, subscription):
        """The trial, if the subscription did not end in it."""
        tried = self.tried.get(subscription.ref)
        ended = subscription.ended_at
        cut = tried is None or (ended is not None and ended < tried[1])
        return [] if cut or subscription.trial_ends is None else [tried]

    @invariant()
    def a_trial_is_had_once_and_costs_nothing(self):
        tried = Subscription.objects.filter(trial_ends__isnull=False)
        assert tried.filter(reader=self.reader).count() <= 1
        for found in tried:
            assert found.trial_ends == self.tried[found.ref][1]
            assert not found.periods.filter(payment__at__lt=found.trial_ends).exists()

    def _spans(self, subscription):
        """From when until when each payment that nobody has back opens, and the grace after all."""
        found = [(starts, until) for starts, until in self._free(subscription)]
        for period in subscription.periods.select_related("payment__invoice"):
            steps = period.payment.disputes.values_list("step", "amount")
            back = sum(period.payment.refunds.values_list("amount", flat=True))
            back += sum(amount * (-1 if step == Dispute.WON else step == Dispute.OPEN)
                        for step, amount in steps)  # fmt: skip
            if back < period.payment.amount or not period.payment.amount:
                # Where the gateway's clock says that it begins in a moment, it begins at once.
                found.append((min(period.starts, clock.now()), period.ends))
        if found and subscription.is_live and subscription.renews:
            begins = self._grace_begins(subscription, max(ends for _, ends in found))
            found.append((begins, begins + timedelta(days=subscription.grace_days)))
        return found

    @invariant()
    def every_cause_has_one_mail(self):
        self._note_what_the_gateway_stopped()
        self._note_what_began_free()
        subjects = list(Mail.objects.values_list("subject", flat=True))
        found = {
            name: sum(subject.startswith(starts) for subject in subjects)
            for name, starts in MAILS.items()
        }
        assert found == {
            "paid": Payment.objects.count(),
            "refunded": Refund.objects.count(),
            "tried": len(self.begun),
            "cancelled": self.wishes.count(False) + len(self.stopped),
            "resumed": self.wishes.count(True),
        }

    def _note_what_began_free(self):
        """Also of accounts that go later; whose trial was heard of when it was over has no mail."""
        now = clock.now()
        on_trial = Subscription.objects.filter(trial_ends__gt=now)
        self.begun |= set(on_trial.values_list("ref", flat=True))

    def _note_what_the_gateway_stopped(self):
        """Who went on after all, and the gateway heard of it too late: told that it ends."""
        over = Subscription.objects.filter(
            renews=False, end_reason__in=("", Subscription.CANCELLED), version__renews=True
        )
        for ref in over.values_list("ref", flat=True):
            number, renews = self.last_wish.get(ref, (0, False))
            if renews:
                self.stopped.add((ref, number))
