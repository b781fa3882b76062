"""The night's comparison over Stripe and over Razorpay: every webhook was lost."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.ledger.actions import undecided
from broadsheet.ledger.models import Comparison, Difference, Dispute, Payment, Refund
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.stripe import paying
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests import test_over_razorpay
from broadsheet.subscriptions.tests.stripe_cast import shop as stripe_shop
from tests.cast import ada, ben

razorpay_shop = test_over_razorpay.shop

__all__ = ["razorpay_shop", "stripe_shop"]

NIGHT = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
"""Five in the morning in Kolkata, on the first of April."""
RENEWED = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)


class OverStripe:
    def __init__(self, shop):
        self._shop, self.till = shop, shop.provider

    def pay(self, ref):
        assert self._shop.server.pay(ref)

    def give_back(self, payment):
        world = self._shop.world
        paying.refund(world, world.get(payment, "charge"), 90000, {})

    def dispute(self, payment):
        world = self._shop.world
        return paying.open_dispute(world, world.get(payment, "charge"))

    def decide(self, dispute, state):
        paying.end_dispute(self._shop.world, dispute, state)

    def move_to(self, at):
        self._shop._traveller.move_to(at)
        self._shop.server.move_to(at)


class OverRazorpay:
    def __init__(self, shop, travel):
        self._account, self._travel, self.till = shop.account, travel, shop.till

    def pay(self, ref):
        knobs.pay(self._account, ref, "upi")

    def give_back(self, payment):
        knobs.give_back(self._account, payment, 90000)

    def dispute(self, payment):
        return knobs.dispute(self._account, payment)["id"]

    def decide(self, dispute, state):
        knobs.decide(self._account, dispute, state)

    def move_to(self, at):
        self._travel.move_to(at)
        self._account.advance(at.timestamp())


@pytest.fixture(params=["stripe", "razorpay"])
def gateway(request, plan):
    """A paper that sells there, and nothing that a webhook says ever arrives."""
    User.objects.create_superuser("pia@lantern.example")
    if request.param == "stripe":
        return OverStripe(request.getfixturevalue("stripe_shop"))
    shop = request.getfixturevalue("razorpay_shop")
    return OverRazorpay(shop, request.getfixturevalue("travel"))


def kinds():
    return sorted(Difference.objects.values_list("kind", flat=True))


def test_a_payment_of_which_nobody_told_is_found_and_booked(gateway, plan):
    reader = ben()
    bought = actions.open_checkout(gateway.till, reader, plan.current, "")
    actions.open_checkout(gateway.till, ada(), plan.current, "")
    gateway.pay(bought.ref)
    assert not Payment.objects.exists()
    gateway.move_to(NIGHT)
    assert actions.compare()
    assert Payment.objects.get().amount == 90000
    assert bool(entitlements(reader, clock.now()))
    assert Subscription.objects.get().ref == bought.ref
    assert Checkout.objects.get(pk=bought.pk).state == Checkout.PAID
    assert "charge_missing" in kinds()
    assert not Difference.objects.filter(mended_at=None).exists()
    night = Comparison.objects.get()
    assert night.looked >= 2, "a gateway may list one more than once"
    assert (night.foreign, night.problem) == (0, "")


def test_renewals_and_refunds_made_elsewhere_are_booked_once(gateway, plan):
    bought = actions.open_checkout(gateway.till, ben(), plan.current, "")
    gateway.pay(bought.ref)
    actions.settle(gateway.till, bought.ref)
    gateway.move_to(NIGHT)
    assert actions.compare()
    assert kinds() == []
    gateway.move_to(RENEWED)
    gateway.give_back(Payment.objects.get().ref)
    for _ in range(2):
        actions.compare()
        gateway.move_to(clock.now() + timedelta(days=1))
    assert sorted(Payment.objects.values_list("period__number", flat=True)) == [0, 1]
    assert Refund.objects.get().amount == 90000
    assert not Difference.objects.filter(mended_at=None).exists()


@pytest.mark.parametrize("decided", ["won", "lost"])
def test_a_dispute_of_which_nobody_told_is_opened_and_decided(gateway, plan, decided):
    bought = actions.open_checkout(gateway.till, ben(), plan.current, "")
    gateway.pay(bought.ref)
    actions.settle(gateway.till, bought.ref)
    gateway.move_to(NIGHT)
    dispute = gateway.dispute(Payment.objects.get().ref)
    for night in (1, 2, 3):
        gateway.move_to(NIGHT + timedelta(days=night))
        if night == 2:
            gateway.decide(dispute, decided)
            gateway.move_to(NIGHT + timedelta(days=night, hours=2))
        assert actions.compare()
    assert list(Dispute.objects.order_by("pk").values_list("step", flat=True)) == ["open", decided]
    assert not undecided().exists()
    assert not Difference.objects.filter(mended_at=None).exists()
