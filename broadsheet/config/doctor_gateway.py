"""What the doctor says of the payment gateway: whether the books were compared with it."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min

from broadsheet.config.findings import Finding
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger import gateways
from broadsheet.ledger.models import Payment, Seller
from broadsheet.look.lettering import unprintable
from broadsheet.subscriptions.models import Plan
from broadsheet.subscriptions.reads import debits
from broadsheet.subscriptions.reads.business import differing
from broadsheet.subscriptions.reads.erasing import stuck
from broadsheet.subscriptions.reads.sellable import cannot_sell, unpayable

LATE = timedelta(days=2)


def care() -> Iterator[Finding]:
    """Differences that nobody mended, a comparison that does not come to its end, and accounts
    that cannot be erased."""
    yield from _erasures()
    if left := differing.left().count():
        text = f"The payment gateway and the books differ in {left} places."
        yield Finding(text, True, "See the gateway log in the desk, under Readers: each says what.")
    if not gateways.is_connected():
        return
    yield from _plans()
    yield from _debits()
    yield from _letters()
    last, waits = differing.last_comparison(), differing.under_way()
    # The demo's past is made at once, before any worker ran.
    sold = Payment.objects.none() if Paper.load().demo else Payment.objects.all()
    first = sold.aggregate(first=Min("at"))["first"]
    since = last.ended_at if last else first
    if since is not None and since < clock.now() - LATE:
        why = f" {waits.problem}" if waits else ""
        text = f"The books were not compared with the gateway since {since:%Y-%m-%d}.{why}"
        yield Finding(text, True, "Is the worker running, and the gateway reachable?")


def _plans() -> Iterator[Finding]:
    """What is on sale and cannot be paid: another gateway was connected since, or told of it."""
    for plan in Plan.objects.filter(on_sale=True).order_by("pk"):
        if plan.current and (why := unpayable(plan.current)):
            text = f"The plan {plan} is on sale and cannot be paid. {cannot_sell(why)}"
            yield Finding(text, True, "Change its terms in the desk, or take it off sale.")


def _letters() -> Iterator[Finding]:
    """Of who sells and what is sold; readers are told of their own names where they type them."""
    seller = Seller.current()
    names = [seller.name or Paper.load().name, seller.address]
    names += Plan.objects.filter(on_sale=True).values_list("name", flat=True)
    if lost := unprintable(" ".join(names)):
        text = f"Invoices as PDF have no letters for {' '.join(lost[:10])}: they are boxes there."
        yield Finding(text, True, "Write seller and plans in other letters, if readers need files.")


def _debits() -> Iterator[Finding]:
    """While there is time to see that they are announced, as the law of their currency asks."""
    if near := debits.silent(clock.now()).count():
        text = f"{near} debits come within two days, and their notices have not left."
        yield Finding(text, True, "Is the worker running, and does mail leave the outbox?")


def _erasures() -> Iterator[Finding]:
    found = stuck()
    if found is None:
        return
    text = f"{found.count} closed accounts wait to be erased since {found.since:%Y-%m-%d}"
    if found.absent:
        yield Finding(
            f"{text}: {found.absent} must say that nothing is charged, and is not connected.", True,
            "Connect it again with BROADSHEET_PAYMENTS_URL, until they are erased.",
        )  # fmt: skip
    else:
        yield Finding(
            f"{text}: the gateway has not said that nothing is charged any more.", True,
            "Is the worker running, and the gateway reachable? A dispute must be decided first.",
        )  # fmt: skip
