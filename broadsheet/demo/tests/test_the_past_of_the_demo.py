"""What is found in the demo the moment it opens: a paper some months into its life.

Living through the past takes half a minute, so one test looks at all sides of it.
"""

from datetime import timedelta

from django.db import transaction

from broadsheet.accounts.models import Mail, SavedArticle, User
from broadsheet.demo import readers
from broadsheet.demo.tests.conftest import NOW, live
from broadsheet.ledger.models import FailedCharge, Invoice, Payment, Refund
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Checkout,
    GiftSubscription,
    PartnerBenefit,
    PartnerClaim,
    PartnerCode,
    Plan,
    ReadingCount,
    SeatInvitation,
    Subscription,
)
from broadsheet.subscriptions.reads import entitlements

STATES = {
    ("active", "", True), ("active", "", False), ("paused", "", True), ("past_due", "", True),
    ("ended", "unpaid", False), ("ended", "cancelled", False), ("ended", "refunded", False),
}  # fmt: skip


def test_the_paper_is_some_months_into_its_life(opened, home):
    before = lived_through_and_taken_back(home)
    subscriber = live()
    assert all(before)
    assert told() == before, "the same seed tells the same past"
    assert [*checks.everything()] == []
    there_are_readers_and_subscriptions_of_every_kind()
    a_household_shares_a_friend_was_given_a_year_and_some_try_or_rest()
    some_claimed_what_a_partner_gives(subscriber)
    only_who_pays_or_is_in_grace_reads_on()
    invoices_are_in_the_order_of_their_dates()
    everything_has_its_own_time()
    no_mail_waits()
    the_subscriber_has_a_year_and_three_reports_kept(subscriber)
    every_month_was_read_with_a_long_tail()
    gateway = Gateway(home / "fakepay.sqlite3")
    gateway_and_paper_agree_and_the_gateway_goes_on_from_here(gateway, subscriber)
    gateway.close()


def lived_through_and_taken_back(home):
    with transaction.atomic():
        live()
        story = told()
        transaction.set_rollback(True)
    (home / "fakepay.sqlite3").unlink()
    return story


def told():
    """What two demos made at one moment share to the last invoice."""
    invoices = Invoice.objects.order_by("series", "number")
    subscriptions = Subscription.objects.order_by("anchor", "reader__email")
    return (
        list(invoices.values_list("label", "total", "tax", "issued_at", "buyer")),
        list(subscriptions.values_list("reader__email", "version__plan__slug", "state", "anchor")),
        list(ReadingCount.objects.order_by("month", "id").values_list("month", "number")),
    )


def there_are_readers_and_subscriptions_of_every_kind():
    crowd = User.objects.filter(email__endswith="@merrow.example")
    assert crowd.count() == readers.READERS
    assert not any(reader.has_usable_password() for reader in crowd)
    assert 60 <= Subscription.objects.count() <= 70
    assert all(plan.current.subscriptions.exists() for plan in Plan.objects.all())
    found = Subscription.objects.values_list("state", "end_reason", "renews")
    assert set(found) == STATES
    assert set(Checkout.objects.values_list("state", flat=True)) == {"paid", "left"}
    assert Payment.objects.count() > Subscription.objects.count(), "some were renewed"
    assert Refund.objects.exists()
    assert FailedCharge.objects.exists()


def a_household_shares_a_friend_was_given_a_year_and_some_try_or_rest():
    (owner,) = Subscription.objects.filter(seats__isnull=False).distinct()
    assert owner.trial_starts < NOW - timedelta(days=39)
    for seat in owner.seats.all():
        assert entitlements(seat.reader, NOW) == set(owner.version.entitlements)
    assert SeatInvitation.objects.open(NOW).count() == 1
    assert Subscription.objects.on_trial(NOW).count() == 2
    assert Subscription.objects.resting(NOW).count() == 2
    redeemed = GiftSubscription.objects.get(redeemed_by__isnull=False)
    assert entitlements(redeemed.redeemed_by, NOW) == set(redeemed.version.entitlements)
    waiting = GiftSubscription.objects.get(redeemed_by=None)
    assert waiting.sent_at is not None and waiting.expires_at > NOW


def some_claimed_what_a_partner_gives(subscriber):
    claims = PartnerClaim.objects.filter(ended_at=None)
    assert (
        5 <= claims.count() < PartnerCode.objects.count() - PartnerBenefit.objects.get().warn_below
    )
    assert claims.filter(reader=subscriber).exists()


def only_who_pays_or_is_in_grace_reads_on():
    for subscription in Subscription.objects.select_related("reader"):
        live = subscription.reader.subscriptions.live().select_related("version").first()
        reads_on = live is not None and not live.is_resting
        paid = set(live.version.entitlements) if reads_on else set()
        assert entitlements(subscription.reader, NOW) == paid


def invoices_are_in_the_order_of_their_dates():
    issued = list(Invoice.objects.order_by("series", "number").values_list("issued_at", flat=True))
    assert issued == sorted(issued)
    assert issued[0] < NOW - timedelta(days=200)
    assert issued[-1] < NOW


def everything_has_its_own_time():
    for checkout in Checkout.objects.filter(state="paid").select_related("subscription", "reader"):
        subscription = checkout.subscription
        begun = subscription.trial_starts or subscription.periods.get(number=0).starts
        assert checkout.made_at == begun
        assert checkout.reader.date_joined < checkout.made_at
        assert checkout.version.made_at < checkout.made_at
    for payment in Payment.objects.select_related("reader"):
        heard = (payment.at, payment.at + timedelta(days=1))
        assert Mail.objects.filter(to=payment.reader.email, queued_at__range=heard).exists()


def no_mail_waits():
    mails = Mail.objects.all()
    assert len(mails) > Payment.objects.count()
    assert all(mail.sent_at == mail.queued_at <= NOW for mail in mails)


def the_subscriber_has_a_year_and_three_reports_kept(subscriber):
    subscription = subscriber.subscriptions.get()
    assert subscription.version.plan.slug == "smart-essential"
    assert (subscription.state, subscription.renews) == ("active", True)
    assert 150 <= (NOW - subscription.anchor).days <= 154
    assert Invoice.objects.get(reader=subscriber).total == 270000
    assert SavedArticle.objects.filter(reader=subscriber).count() == 3


def every_month_was_read_with_a_long_tail():
    months = list(ReadingCount.objects.values_list("month", flat=True))
    assert len(set(months)) == 8
    assert max(months) == "2026-05"
    counts = ReadingCount.objects.filter(month="2026-04", kind="anonymous").values_list(
        "number", flat=True
    )
    assert max(counts) > 4 * min(counts) > 0


def gateway_and_paper_agree_and_the_gateway_goes_on_from_here(gateway, subscriber):
    assert gateway.now() == NOW, "its clock runs with ours again"
    assert gateway.book.rows("SELECT * FROM event") == [], "nothing waits to be told"
    every_checkout_is_known_to_both(gateway)
    settling_once_more_changes_nothing(gateway)
    gateway.set_renewal(subscriber.subscriptions.get().ref, renews=False)
    waiting = gateway.book.rows("SELECT kind FROM event WHERE copies > 0")
    assert [row["kind"] for row in waiting] == ["renewal.stopped"], "what comes now is told"


def every_checkout_is_known_to_both(gateway):
    for checkout in Checkout.objects.all():
        standing = gateway.look_up(checkout.ref)
        subscription = Subscription.objects.filter(checkout=checkout).first()
        assert standing.key == checkout.key
        if subscription is None:
            assert (checkout.state, standing.state) == ("left", "closed")
            continue
        assert sum(c.paid for c in standing.charges) == subscription.periods.count()
        goes_on = standing.renews and standing.state != "ended"
        assert goes_on == subscription.renews == subscription.renews_told
        if subscription.is_live:
            rests = subscription.state == "paused"
            assert standing.state == ("active" if rests else subscription.state)


def settling_once_more_changes_nothing(gateway):
    books = (Payment, FailedCharge, Refund, Mail)
    before = [book.objects.count() for book in books]
    states = list(Subscription.objects.values_list("ref", "state", "renews", "end_reason"))
    for ref, *_ in states:
        actions.settle(Direct(gateway), ref)
    assert [book.objects.count() for book in books] == before
    now = Subscription.objects.values_list("ref", "state", "renews", "end_reason")
    assert list(now) == states
