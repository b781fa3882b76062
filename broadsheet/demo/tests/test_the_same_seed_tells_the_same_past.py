"""Two demos made at one moment are alike to the last invoice."""

from django.db import transaction

from broadsheet.demo.tests.conftest import live
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions.models import ReadingCount, Subscription


def told():
    invoices = Invoice.objects.order_by("series", "number")
    subscriptions = Subscription.objects.order_by("anchor", "reader__email")
    return (
        list(invoices.values_list("label", "total", "tax", "issued_at", "buyer")),
        list(subscriptions.values_list("reader__email", "version__plan__slug", "state", "anchor")),
        list(ReadingCount.objects.order_by("month", "id").values_list("month", "number")),
    )


def test_the_same_seed_tells_the_same_past(opened):
    stories = []
    for _ in range(2):
        with transaction.atomic():
            live()
            stories.append(told())
            transaction.set_rollback(True)
    assert stories[0] == stories[1]
    assert all(stories[0])
