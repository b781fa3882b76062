"""The life of a subscription over Stripe, from the plan to the books."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Credit, Fee, Invoice, Payment, Posting, Refund
from broadsheet.ledger.tests.stripe import paying
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, PaidPeriod, Plan, PlanChange, Subscription
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.proposals import proposer
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import terms
from broadsheet.subscriptions.tests.gift_cast import redeemed
from broadsheet.subscriptions.tests.stripe_cast import shop
from tests.cast import ada, ben

__all__ = ["shop"]

ALL = {"unlimited", "premium", "ad_free"}
MID = datetime(2026, 5, 15, 12, tzinfo=UTC)
RENEWAL = datetime(2026, 6, 30, 11, tzinfo=UTC)


def opened(reader):
    return set(entitlements(reader, clock.now()))


def only():
    return Subscription.objects.get()


def balance(account):
    return sum(Posting.objects.filter(account=account).values_list("amount", flat=True))


def test_a_reader_buys_and_reads(shop, plan):
    reader = ben()
    bought = shop.buy(reader, plan)
    assert bought.checkout.url.startswith("https://checkout.stripe.example/")
    assert bought.settled.checkout.state == Checkout.PAID
    assert opened(reader) == ALL
    assert (Payment.objects.get().amount, Invoice.objects.count()) == (90000, 1)
    assert balance("gateway:stripe") == 90000 - 2610
    assert set(shop.deliver()) == {200}
    actions.take_events()
    assert Payment.objects.count() == 1


def test_a_webhook_alone_is_enough(shop, plan):
    reader = ben()
    checkout = actions.open_checkout(shop.provider, reader, plan.current, "")
    shop.server.pay(checkout.ref)
    shop.deliver()
    assert actions.take_events() > 0
    assert opened(reader) == ALL


def test_two_clicks_are_one_checkout_and_another_plan_takes_its_place(shop, plan):
    reader, other = ben(), Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(other, terms(price=270_000, unit="year", count=1))
    first = actions.open_checkout(shop.provider, reader, plan.current, "")
    assert actions.open_checkout(shop.provider, reader, plan.current, "").ref == first.ref
    second = actions.open_checkout(shop.provider, reader, other.current, "")
    assert not shop.server.pay(first.ref), "its page is closed"
    assert shop.server.pay(second.ref)
    assert actions.settle(shop.provider, second.ref).subscription.version == other.current


def test_case_35_a_declined_card_and_3d_secure_left_open_leave_everything_as_it_was(shop, plan):
    from broadsheet.ledger.tests.stripe import checkout as pages

    reader = ben()
    assert not shop.buy(reader, plan, "declined").done
    session = shop.world.all("checkout.session")[0]
    assert not pages.abandon(shop.world, session, "asks")
    shop.work()
    assert (opened(reader), Payment.objects.count(), Checkout.objects.get().state) == (
        set(), 0, Checkout.OPEN,
    )  # fmt: skip
    assert shop.buy(reader, plan).done
    assert opened(reader) == ALL


def test_a_checkout_nobody_finishes_is_closed(shop, plan):
    shop.buy(ben(), plan, "declined")
    shop.move_to(clock.now() + timedelta(hours=25))
    assert Checkout.objects.get().state == Checkout.LEFT


def test_it_renews_by_stripes_clock(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    for month in (6, 9, 12):
        shop.move_to(datetime(2026, month, 30 if month != 12 else 31, 11, tzinfo=UTC))
    assert list(PaidPeriod.objects.order_by("number").values_list("number", flat=True)) == [
        0, 1, 2, 3,
    ]  # fmt: skip
    assert opened(reader) == ALL
    assert Fee.objects.count() == 4


def test_a_failed_charge_is_paid_with_another_card(shop, plan):
    reader = ben()
    shop.buy(reader, plan, "once")
    shop.move_to(RENEWAL)
    assert (only().state, opened(reader)) == (Subscription.PAST_DUE, ALL)
    assert only().pay_url.startswith("https://invoice.stripe.example/")
    assert shop.server.pay_invoice(only().pay_url)
    shop.work()
    assert (only().state, only().pay_url, PaidPeriod.objects.count()) == (
        Subscription.ACTIVE, "", 2,
    )  # fmt: skip
    assert Mail.objects.filter(to=reader.email).count() >= 3


def test_case_36_a_renewal_that_the_bank_asks_about_waits_for_its_reader(shop, plan):
    reader = ben()
    shop.buy(reader, plan, "asks")
    shop.move_to(RENEWAL)
    subscription = only()
    assert (opened(reader), PaidPeriod.objects.count()) == (ALL, 1), "grace"
    assert subscription.state == Subscription.PAST_DUE
    assert "confirm the payment" in Mail.objects.latest("pk").text
    assert shop.server.pay_invoice(subscription.pay_url, "asks")
    shop.work()
    assert (only().state, PaidPeriod.objects.count()) == (Subscription.ACTIVE, 2)


def test_what_is_never_paid_lapses_once(shop, plan):
    reader = ben()
    shop.buy(reader, plan, "once")
    shop.move_to(RENEWAL)
    for days in range(1, 30, 4):
        shop.move_to(RENEWAL + timedelta(days=days))
    assert (only().state, only().end_reason) == (Subscription.ENDED, Subscription.UNPAID)
    assert opened(reader) == set()
    assert Mail.objects.filter(subject__icontains="ended").count() <= 1


def test_cancelled_it_ends_with_what_is_paid_for(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    shop.move_to(MID)
    cancelled = actions.set_renewal(only(), renews=False)
    assert actions.tell_gateway(shop.provider, cancelled)
    assert opened(reader) == ALL
    shop.move_to(RENEWAL)
    assert (only().end_reason, opened(reader), Payment.objects.count()) == (
        Subscription.CANCELLED, set(), 1,
    )  # fmt: skip


def test_cancelled_and_resumed_it_renews(shop, plan):
    shop.buy(ben(), plan)
    for renews in (False, True):
        told = actions.set_renewal(only(), renews=renews)
        assert actions.tell_gateway(shop.provider, told)
    shop.move_to(RENEWAL)
    assert PaidPeriod.objects.count() == 2


def test_a_refund_in_full_ends_it_and_is_booked_once(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    actions.refund(shop.provider, Payment.objects.get(), "Asked for", ada())
    shop.work()
    assert Refund.objects.get().amount == 90000
    assert (opened(reader), only().end_reason) == (set(), Subscription.REFUNDED)
    assert shop.world.all("refund")[0]["amount"] == 90000
    assert shop.world.all("subscription")[0]["cancel_at_period_end"]


def test_a_refund_made_in_the_dashboard_is_booked(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    paying.refund(shop.world, shop.world.all("charge")[0], 10000, {})
    shop.work()
    assert (Refund.objects.get().amount, opened(reader)) == (10000, ALL)


@pytest.mark.parametrize("undo", [lambda w, c: paying.refund(w, c, 500, {}), paying.open_dispute])
def test_what_becomes_of_a_charge_made_by_hand_stops_nothing(shop, plan, undo):
    """An invoice of the Dashboard, for the same customer, is no period."""
    reader = ben()
    ref = shop.buy(reader, plan).checkout.ref
    wanted = paying.intent(shop.world, ref, 500, "inr", {})
    assert paying.take(shop.world, wanted, present=True)
    undo(shop.world, shop.world.get(wanted["latest_charge"], "charge"))
    shop.work()
    actions.settle(shop.provider, ref)
    shop.move_to(RENEWAL)
    assert (PaidPeriod.objects.count(), opened(reader)) == (2, ALL)
    assert not Refund.objects.exists()


@pytest.mark.parametrize("decided", ["won", "lost"])
def test_a_dispute_closes_and_perhaps_opens_again(shop, plan, decided):
    reader = ben()
    shop.buy(reader, plan)
    dispute = paying.open_dispute(shop.world, shop.world.all("charge")[0])
    shop.work()
    assert opened(reader) == set()
    assert balance("gateway:stripe") == -2610 - 1500
    paying.end_dispute(shop.world, dispute, decided)
    shop.work()
    assert balance("gateway:stripe") == (90000 if decided == "won" else 0) - 4110


def test_an_inquiry_is_no_dispute(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    paying.open_dispute(shop.world, shop.world.all("charge")[0], status="warning_needs_response")
    shop.work()
    assert opened(reader) == ALL


@pytest.fixture
def yearly(plan):
    made = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(made, terms(price=270_000, unit="year", count=1))
    return made


@pytest.fixture
def small(plan):
    made = Plan.objects.create(slug="small", name="Small")
    actions.set_terms(made, terms(price=20_000, unit="month", count=1, entitlements=["unlimited"]))
    return made


def change(shop, plan):
    subscription = only()
    quote = quote_of(subscription, plan.current, clock.now())
    token = actions.sealed(subscription, plan.current, quote, clock.now())
    return actions.change_plan(shop.provider, subscription, plan.current, token), quote


def test_an_upgrade_is_charged_at_once_for_what_was_shown(shop, plan, yearly):
    reader = ben()
    shop.buy(reader, plan)
    shop.move_to(MID)
    done, quote = change(shop, yearly)
    assert (done.state, quote.at_once) == (PlanChange.DONE, True)
    assert Payment.objects.latest("pk").amount == quote.due < 270_000
    assert done.credit == quote.credit > 0
    assert Credit.objects.count() == 1, "without its tax, from one payment to the next"
    assert only().version == yearly.current
    shop.move_to(MID.replace(year=2027) + timedelta(hours=1))
    assert Payment.objects.latest("pk").amount == 270_000


def test_an_upgrade_that_is_declined_waits_and_can_be_paid(shop, plan, yearly):
    reader = ben()
    shop.buy(reader, plan, "once")
    shop.move_to(MID)
    waits, quote = change(shop, yearly)
    assert (waits.state, bool(waits.pay_url), Payment.objects.count()) == (PlanChange.OPEN, True, 1)
    assert shop.server.pay_invoice(waits.pay_url)
    shop.work()
    assert only().version == yearly.current
    assert Payment.objects.latest("pk").amount == quote.due


def test_a_downgrade_waits_for_the_end_of_the_period(shop, plan, small):
    reader = ben()
    shop.buy(reader, plan)
    shop.move_to(MID)
    planned, quote = change(shop, small)
    assert (planned.state, quote.at_once) == (PlanChange.PLANNED, False)
    assert opened(reader) == ALL
    shop.move_to(RENEWAL)
    assert (only().version, opened(reader)) == (small.current, {"unlimited"})
    assert Payment.objects.latest("pk").amount == 20_000
    shop.move_to(datetime(2026, 7, 30, 11, tzinfo=UTC))
    assert Payment.objects.count() == 3


def test_a_downgrade_can_be_taken_back(shop, plan, small):
    shop.buy(ben(), plan)
    shop.move_to(MID)
    change(shop, small)
    actions.keep_plan(shop.provider, only())
    shop.move_to(RENEWAL)
    assert (only().version, Payment.objects.latest("pk").amount) == (plan.current, 90_000)


def test_stripe_says_no_more_than_was_agreed_to(shop, plan):
    """Somebody puts a second item on the subscription, in the Dashboard (case 14)."""
    shop.buy(ben(), plan)
    sub = shop.world.all("subscription")[0]
    sub["items"]["data"].append(sub["items"]["data"][0] | {"id": "si_second"})
    with pytest.raises(Refusal, match="180000 INR"):
        actions.settle(shop.provider, only().ref)
    assert Payment.objects.count() == 1
    sub["items"]["data"].pop()


def test_case_15_a_charge_whose_answer_was_lost_is_not_made_again(shop, plan, yearly):
    from broadsheet.ledger.providers.base import GatewaySilent

    shop.provider._caller._client._requestor._options.max_network_retries = 0
    shop.buy(ben(), plan)
    shop.move_to(MID)
    subscription = only()
    quote = quote_of(subscription, yearly.current, clock.now())
    token = actions.sealed(subscription, yearly.current, quote, clock.now())
    calls = {"n": 0}
    real = shop.server._answer

    def losing(request, path, given):
        if request.command == "POST" and path.startswith("subscriptions/"):
            calls["n"] += 1
            if calls["n"] == 1:
                real(request, path, given)
                return 500, {"error": {"type": "api_error", "message": "after the charge"}}
        return real(request, path, given)

    shop.server._answer = losing
    with pytest.raises(GatewaySilent):
        actions.change_plan(shop.provider, subscription, yearly.current, token)
    actions.change_plan(shop.provider, only(), yearly.current, token)
    shop.work()
    assert [p.amount for p in Payment.objects.order_by("pk")] == [90_000, quote.due]
    assert len(shop.world.all("charge")) == 2


def test_a_gift_is_bought_redeemed_and_given_back(shop, plan):
    wish = actions.GiftWish(
        version=plan.current, token=new_key(), buyer_email="gina@lantern.example"
    )
    gift = actions.open_gift(shop.provider, wish)
    assert actions.open_gift(shop.provider, wish).ref == gift.ref
    assert shop.server.pay(gift.ref)
    assert set(shop.deliver()) == {200}
    actions.take_events()
    actions.take_events()
    assert Payment.objects.count() == 1
    assert -balance("gifts") == Invoice.objects.get().net
    reader = ben()
    redeemed(gift, reader)
    assert opened(reader) == ALL
    actions.refund(shop.provider, Payment.objects.get(), "Asked", ada())
    shop.work()
    assert opened(reader) == set()
    shop.move_to(datetime(2026, 8, 30, 11, tzinfo=UTC))
    assert Payment.objects.count() == 1


def test_a_trial_costs_nothing_and_its_end_is_the_anchor(shop, plan):
    actions.set_terms(plan, terms(price=30000, count=1, trial_days=14))
    reader = ben()
    bought = shop.buy(reader, plan)
    ends = clock.now() + timedelta(days=14)
    assert (bought.settled.subscription.trial_ends, opened(reader)) == (ends, ALL)
    assert (Payment.objects.count(), Posting.objects.count()) == (0, 0)
    shop.move_to(ends + timedelta(hours=2))
    period = PaidPeriod.objects.get()
    assert (period.number, period.starts, period.payment.amount) == (0, ends, 30000)
    assert (only().state, opened(reader), Invoice.objects.count()) == ("active", ALL, 1)


def test_a_trial_that_is_cancelled_is_never_charged(shop, plan):
    actions.set_terms(plan, terms(price=30000, count=1, trial_days=14))
    reader = ben()
    subscription = shop.buy(reader, plan).settled.subscription
    changed = actions.set_renewal(subscription, renews=False)
    assert actions.tell_gateway(shop.provider, changed)
    shop.move_to(subscription.trial_ends - timedelta(minutes=1))
    assert opened(reader) == ALL
    shop.move_to(subscription.trial_ends + timedelta(hours=2))
    assert (opened(reader), Payment.objects.count()) == (set(), 0)
    assert only().end_reason == Subscription.CANCELLED


def test_a_first_charge_after_a_trial_that_fails_is_overdue(shop, plan):
    actions.set_terms(plan, terms(price=30000, count=1, trial_days=14))
    reader = ben()
    ends = shop.buy(reader, plan, "once").settled.subscription.trial_ends
    shop.move_to(ends + timedelta(hours=2))
    assert (only().state, opened(reader)) == (Subscription.PAST_DUE, ALL)
    assert shop.server.pay_invoice(only().pay_url)
    shop.work()
    assert (only().state, PaidPeriod.objects.get().starts) == (Subscription.ACTIVE, ends)


def test_stripe_has_no_first_price_after_a_trial_and_no_page_offers_it(shop, plan):
    facts = {"intro_price": 9900, "intro_periods": 2, "trial_days": 14}
    actions.set_terms(plan, terms(price=30000, count=1, **facts))
    proposal = proposer(ben())(plan.current)
    assert (proposal.trial, proposal.today.amount) == (0, 9900)
