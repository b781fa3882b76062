"""What was open at every moment gone by, from the machine's own log and the gateway's book."""

from datetime import timedelta

from broadsheet.kit import clock
from broadsheet.subscriptions.models import Checkout, GiftSubscription, SalesPolicy
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.money_cast import charged_periods, is_gone
from broadsheet.subscriptions.tests.money_machine.promises import Promises, edges, opened


class Past(Promises):
    """Told when the line is whole and all is heard. `moments` is when something was done, by the
    number of the reader; what was open then must be what was paid for then and not given back.
    Only a grace may have been more, and it is over by now or it is not."""

    def access_then_was_what_was_paid_for(self):
        now = clock.now()
        for reader in self.readers:
            paid = self._paid_spans(reader) + self._given_spans(reader) + self.allowed(reader)
            more = [span for span in map(self._grace_after, paid) if span is not None]
            more += self._rests(reader)
            then = self.moments.get(reader.pk, set()) | edges(paid)
            for at in sorted(moment for moment in then if moment < now):
                found, owed = entitlements(reader, at), opened(paid, at)
                assert owed <= found, f"{at}: paid for and closed: {owed - found}"
                unpaid = found - owed - opened(more, at)
                assert not unpaid, f"{at}: open and not paid for: {unpaid}"

    def _paid_spans(self, reader):
        """Trials, and every period whose charge the gateway has not given back."""
        found = []
        for checkout in Checkout.objects.filter(reader=reader).exclude(ref=None):
            charges = {row["number"]: row for row in self._charges(checkout.ref)}
            unit, book = checkout.version.interval.unit, self.till.gateway.book
            for _, number, starts, ends in charged_periods(
                book, checkout.ref, unit, self.till.counted
            ):
                if not is_gone(book, charges[number]):
                    found.append((starts, ends, self.rights_of(checkout, number)))
        for subscription in self._mine(reader):
            rights = subscription.checkout.version.entitlements
            found += [(*span, rights) for span in self._free(subscription)]
        return found

    def _charges(self, ref):
        return self.till.gateway.book.rows("SELECT * FROM charge WHERE paid AND agreement = ?", ref)

    def _given_spans(self, reader):
        """Gifts by the gateway's book: redeemed, and not given back since."""
        mine = {pk: span for pk, (whose, span) in self.redeemed.items() if whose == reader.pk}
        return [
            (*mine[gift.pk], gift.version.entitlements)
            for gift in GiftSubscription.objects.filter(pk__in=mine)
            if not any(is_gone(self.till.gateway.book, row) for row in self._charges(gift.ref))
        ]

    def _grace_after(self, span):
        """For so long after any paid time the same doors may have stayed open."""
        _, ends, rights = span
        return (
            None
            if ends is None
            else (ends, ends + timedelta(days=SalesPolicy.current().grace_days), rights)
        )

    def _rests(self, reader):
        """The grace that begins where a pause ends."""
        grace = timedelta(days=SalesPolicy.current().grace_days)
        return [
            (pause.until, pause.until + grace, found.version.entitlements)
            for found in self._mine(reader)
            for pause in found.pauses.all()
        ]
