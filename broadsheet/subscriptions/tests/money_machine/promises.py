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
from broadsheet.subscriptions.tests.money_machine.stage import Stage

MAILS = {
    "paid": (
        "Your subscription: ", "Your subscription was renewed", "A payment goes back",
        "Your new plan: ", "Your gift: ",
    ),
    "refunded": ("Your money is on its way back",),
    "cancelled": ("Cancelled: ",), "tried": ("Your trial of ",),
    "resumed": ("Your subscription goes on",),
}  # fmt: skip


def opened(spans, at):
    """What is open at a moment, by half-open spans of rights."""
    return {
        right for starts, ends, rights in spans if starts <= at and (ends is None or at < ends)
        for right in rights
    }  # fmt: skip


def edges(spans):
    """The moments at which something may change, and the last ones before."""
    found = {at for starts, ends, _ in spans for at in (starts, ends) if at is not None}
    return found | {at - timedelta(microseconds=1) for at in found}


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

    def _grace_begins(self, subscription, last):
        """Where what is paid for ends, or the pause after it."""
        rested = subscription.pauses.exclude(state__in=(Pause.OPEN, Pause.LEFT)).last()
        numbers = subscription.periods.values_list("number", flat=True)
        if rested is None or rested.number <= max(numbers, default=-1):
            return last
        if (subscription.ref, rested.number) not in self.till.rested:
            # To be ended before the paper has heard that it was ever begun.
            return last
        return max(last, rested.until if rested.state in Pause.WAITING else subscription.anchor)

    @invariant()
    def access_is_what_was_paid_for(self):
        """Nobody pays without access, or has it unpaid: which doors are open now and at every
        moment to come, recomputed from the rows of the ledger without asking the rules."""
        self.note_gone()
        now = clock.now()
        for reader in self.readers:
            spans = [span for s in self._mine(reader) for span in self.spans_of(s)]
            spans += self._given(reader) + self.allowed(reader)
            for at in [now, *(edge for edge in edges(spans) if edge > now)]:
                assert entitlements(reader, at) == opened(spans, at), at

    def _mine(self, reader=None):
        mine = (reader or self.reader).subscriptions
        return mine.exclude(end_reason=Subscription.DUPLICATE).select_related("checkout__version")

    def _given(self, reader):
        kept = GiftSubscription.objects.filter(redeemed_by=reader, refunded_at=None)
        return [(*self.redeemed[g.pk][1], g.version.entitlements) for g in kept]

    def allowed(self, reader):
        """What was brought along or is complimentary, as the machine has it in its own book."""
        found = [self.brought[reader.pk].span] if reader.pk in self.brought else []
        found += [honour.span for honour in self.honours if honour.reader == reader.pk]
        return [span for span in found if span is not None]

    def rights_of(self, checkout, number):
        """What the plan opens that the gateway charges period `number` for."""
        changes = self.till.gateway.book.rows(
            "SELECT key FROM change WHERE agreement = ? AND state = 'in_force' AND number <= ?"
            " ORDER BY number, serial", checkout.ref, number,
        )  # fmt: skip
        versions = [checkout.version, *(self.offered[row["key"]] for row in changes)]
        return versions[-1].entitlements

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

    def spans_of(self, subscription):
        """From when until when each payment that nobody has back opens what, and the grace after
        all of them."""
        if subscription.end_reason == Subscription.DUPLICATE:
            return []
        checkout, last = subscription.checkout, 0
        found = [(*span, checkout.version.entitlements) for span in self._free(subscription)]
        for period in subscription.periods.select_related("payment__invoice"):
            steps = period.payment.disputes.values_list("step", "amount")
            back = sum(period.payment.refunds.values_list("amount", flat=True))
            back += sum(amount * (-1 if step == Dispute.WON else step == Dispute.OPEN)
                        for step, amount in steps)  # fmt: skip
            if back < period.payment.amount or not period.payment.amount:
                # Where the gateway's clock says that it begins in a moment, it begins at once.
                rights = self.rights_of(checkout, period.number)
                found.append((min(period.starts, clock.now()), period.ends, rights))
            last = period.number
        if found and subscription.is_live and subscription.renews:
            begins = self._grace_begins(subscription, max(ends for _, ends, _ in found))
            grace = timedelta(days=subscription.grace_days)
            found.append((begins, begins + grace, self.rights_of(checkout, last)))
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
        """Who went on after all, and the gateway heard of it too late: told that it ends. But a
        bank that takes money back stops it as well, with a mail of its own."""
        steps = Dispute.objects.exclude(step=Dispute.WON).exclude(pk__in=self.taken)
        for pk, ref in steps.values_list("pk", "payment__period__subscription__ref"):
            self.taken.add(pk)
            self.last_wish[ref] = len(self.wishes), False
        over = Subscription.objects.filter(
            renews=False, end_reason__in=("", Subscription.CANCELLED), version__renews=True
        )
        for ref in over.values_list("ref", flat=True):
            number, renews = self.last_wish.get(ref, (0, False))
            if renews:
                self.stopped.add((ref, number))
