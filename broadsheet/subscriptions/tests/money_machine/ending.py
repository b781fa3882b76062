"""What holds once the line is whole and the worker has had its turns."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Max, Sum

from broadsheet.kit import clock
from broadsheet.ledger.models import Deferral, Dispute, Fee, Invoice, Payment, Refund
from broadsheet.ledger.tests.cast import balance, deferred, sold
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, GiftSubscription, PaidPeriod
from broadsheet.subscriptions.tests.money_cast import charged_periods
from broadsheet.subscriptions.tests.money_machine.past import Past


class Ending(Past):
    def teardown(self):
        try:
            self._settled_in_the_end()
        finally:
            self.till.gateway.close()
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def _settled_in_the_end(self):
        self.till.lost.clear()
        for _ in range(3):
            self.travel.shift(timedelta(minutes=20))
            self.till.gateway.run_due()
            self.work()
        rows = self.till.gateway.book.rows
        # A renewal within the period is asked about when the period before is over.
        paid = {r["ref"]: r for r in rows("SELECT * FROM charge WHERE paid")}
        booked = set(Payment.objects.values_list("ref", flat=True))
        assert booked == set(paid)
        assert {r["ref"] for r in rows("SELECT * FROM refund")} == set(
            Refund.objects.values_list("ref", flat=True)
        )
        for period in PaidPeriod.objects.select_related("subscription", "payment"):
            told = self.promised.get(period.subscription.ref)
            # A bank that was quicker leaves nothing to give back.
            if told is not None and period.payment.at > told and not period.payment.disputes.all():
                assert period.refunded_at, "charged after being told that it is cancelled"
        self.every_step_of_the_bank_is_booked()
        self.the_books_agree()
        self.access_is_what_was_paid_for()
        self.access_then_was_what_was_paid_for()
        self.periods_are_what_the_gateway_charged_for()
        self.all_of_it_is_earned_in_the_end()

    def every_step_of_the_bank_is_booked(self):
        """But for readers who are forgotten: nobody asks about them any more."""
        self.note_gone()
        for ref in self.refs:
            actions.settle(self.till, ref)
        for gift in GiftSubscription.objects.exclude(ref=None):
            actions.ask_about_gift(self.till, gift)
        rows = self.till.gateway.book.rows(
            "SELECT dispute.*, agreement FROM dispute JOIN charge ON charge.ref = charge"
        )
        known = [row for row in rows if row["agreement"] not in self.erased]
        steps = {(row["ref"], step) for row in known for step in {"open", row["state"]}}
        booked = set(Dispute.objects.values_list("ref", "step"))
        assert steps <= booked
        assert balance("fees") == sum(Fee.objects.values_list("amount", flat=True))

    def periods_are_what_the_gateway_charged_for(self):
        """Counted without the paper's own arithmetic, so that none can drift."""
        charged = set()
        for checkout in Checkout.objects.exclude(ref=None).select_related("version"):
            unit = checkout.version.interval.unit
            charged |= charged_periods(
                self.till.gateway.book, checkout.ref, unit, self.till.counted
            )
        found = PaidPeriod.objects.values_list("subscription__ref", "number", "starts", "ends")
        assert set(found) == charged

    def all_of_it_is_earned_in_the_end(self):
        last = Deferral.objects.aggregate(last=Max("until"))["last"] or 0
        days = max(32, last - clock.now().date().toordinal() + 1)
        self.travel.shift(timedelta(days=days))
        actions.close_days()
        assert list(checks.everything()) == []
        kept = Invoice.objects.aggregate(net=Sum("net"))["net"] or 0
        assert (deferred(), sold()) == (0, kept + balance("gifts"))
