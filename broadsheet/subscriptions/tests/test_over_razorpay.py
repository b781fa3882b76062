"""The paper's own way with a reader, over Razorpay: each step through the API, the books whole."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from broadsheet.accounts.models import Mail
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import left_of
from broadsheet.ledger.models import (
    Delivery,
    Event,
    FailedCharge,
    Fee,
    Payment,
    RefundOrder,
)
from broadsheet.ledger.tests.cast import balance
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.razorpay import server as razorpay
from broadsheet.ledger.tests.razorpay.account import TRIES
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, PaidPeriod, Subscription
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import terms
from broadsheet.subscriptions.tests.gift_cast import redeemed
from broadsheet.subscriptions.trials import first_charge_at
from tests.cast import ben

DAYS = timedelta(days=1)
ADDRESS = "/webhooks/razorpay/"


@pytest.fixture
def shop(paper, plan, settings, travel):
    """A paper that sells over Razorpay; the server has the paper's clock."""
    with razorpay.running() as server:
        settings.ENV = replace(settings.ENV, payments_url=server.settings)
        yield SimpleNamespace(
            server=server, account=server.account, till=gateways.gateway(), plan=plan
        )


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


def checkout(shop, reader=None):
    return actions.open_checkout(shop.till, reader or ben(), shop.plan.current, "")


@pytest.fixture
def sold(shop):
    found = checkout(shop)
    knobs.pay(shop.account, found.ref, "upi")
    actions.settle(shop.till, found.ref)
    return found.ref


def live(shop, travel, days=1):
    """Time passes at the gateway and here, day by day, and the worker does its work."""
    for _day in range(days):
        travel.shift(DAYS)
        shop.account.advance(shop.account.now + DAYS.total_seconds())
        worked()


def leap(shop, travel, days):
    """The same, all at once: the worker was away."""
    travel.shift(days * DAYS)
    shop.account.advance(shop.account.now + (days * DAYS).total_seconds())
    worked()


def worked():
    actions.ask_again()
    actions.end_due()
    actions.close_days()


def deliver(server, number=-1, **options):
    body, headers = server.webhook(number, **options)
    given = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return Client().post(ADDRESS, body, content_type="application/json", **given)


def subscription():
    return Subscription.objects.get()


def test_bought_settled_renewed_and_the_fees_booked(shop, sold, travel):
    assert subscription().ref == sold and Payment.objects.get().card == "UPI"
    leap(shop, travel, 93)
    assert [p.number for p in subscription().periods.all()] == [0, 1]
    assert balance("gateway:razorpay") == 2 * (90000 - 2124)
    assert Fee.objects.count() == 2


def test_a_renewal_that_fails_and_is_paid_on_the_third_day_costs_no_access(shop, sold, travel):
    knobs.decline(shop.account, sold)
    leap(shop, travel, 91)
    live(shop, travel, 2)
    assert subscription().state == Subscription.PAST_DUE
    assert subscription().pay_url == shop.account.get(sold)["short_url"]
    knobs.decline(shop.account, sold, "")
    live(shop, travel, 2)
    assert subscription().state == Subscription.ACTIVE and subscription().periods.count() == 2


def test_when_all_tries_fail_it_lapses_once_and_the_mandate_ends(shop, sold, travel):
    knobs.decline(shop.account, sold)
    leap(shop, travel, 90)
    live(shop, travel, 12)
    assert subscription().state == Subscription.ENDED
    assert subscription().end_reason == Subscription.UNPAID
    assert shop.account.get(sold)["status"] == "cancelled"
    again = checkout(shop)
    assert again.ref != sold


def test_cancelled_it_ends_with_the_paid_period_and_nothing_more_is_charged(shop, sold, travel):
    actions.set_renewal(subscription(), renews=False)
    worked()
    assert shop.account.get(sold)["status"] == "cancelled"
    leap(shop, travel, 30)
    assert subscription().is_live, "paid until the end of June"
    leap(shop, travel, 65)
    assert subscription().end_reason == Subscription.CANCELLED
    assert Payment.objects.count() == 1


def test_a_refund_is_told_once_and_ends_access(shop, sold):
    shop.server.trouble["POST /refund"] = "after"
    actions.refund(shop.till, Payment.objects.get(), "Asked for", ben())
    worked()
    assert len(shop.account.of("refund")) == 1
    assert subscription().end_reason == Subscription.REFUNDED
    assert shop.account.get(sold)["status"] == "cancelled"


def test_a_refund_that_fails_at_the_bank_is_told_and_its_money_can_be_given_back(
    shop, sold, travel
):
    shop.account.refunds_wait = True
    payment = Payment.objects.get()
    actions.refund(shop.till, payment, "Asked for", ben())
    worked()
    assert subscription().is_live and left_of(payment) == 0
    knobs.bounce(shop.account, shop.account.of("refund")[0])
    leap(shop, travel, 1)
    order = RefundOrder.objects.get()
    assert "the bank did not take it" in order.problem
    assert order.told_at is None
    assert left_of(payment) == payment.amount
    shop.account.refunds_wait = False
    actions.refund(shop.till, payment, "Once more", ben())
    worked()
    assert subscription().end_reason == Subscription.REFUNDED
    assert len(shop.account.of("refund")) == 2


def test_a_refund_that_takes_its_time_is_asked_about_now_and_then(shop, sold, travel):
    shop.account.refunds_wait = True
    actions.refund(shop.till, Payment.objects.get(), "Asked for", ben())
    travel.shift(timedelta(minutes=2))
    worked()
    before = len(shop.server.calls)
    worked()
    assert len(shop.server.calls) == before, "it rests"
    shop.account.of("refund")[0]["status"] = "processed"
    travel.shift(timedelta(minutes=16))
    worked()
    assert subscription().end_reason == Subscription.REFUNDED
    assert len(shop.account.of("refund")) == 1


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_dispute_opened_and_decided_is_in_the_books(shop, sold, travel, status):
    payment = Payment.objects.get()
    leap(shop, travel, 10)
    dispute = knobs.dispute(shop.account, payment.ref)
    actions.settle(shop.till, sold)
    assert not subscription().renews
    leap(shop, travel, 3)
    knobs.decide(shop.account, dispute["id"], status)
    actions.settle(shop.till, sold)
    actions.settle(shop.till, sold)
    kept = 90000 - 2124 if status == "won" else -2124
    assert balance("gateway:razorpay") == kept


def test_a_lost_answer_of_the_checkout_sells_once(shop):
    shop.server.trouble["POST /v1/subscriptions"] = "after"
    with pytest.raises(Exception, match="502"):
        checkout(shop)
    found = checkout(shop)
    assert [sub["id"] for sub in shop.account.of("subscription")] == [found.ref]


def test_case_01_and_03_webhooks_come_twice_and_in_any_order(shop):
    found = checkout(shop)
    knobs.pay(shop.account, found.ref)
    for number in (1, 0, 1):
        assert deliver(shop.server, number).status_code == 200
    assert Event.objects.count() == 2
    assert actions.take_events() == 2
    assert Payment.objects.count() == Subscription.objects.count() == 1


def test_case_07_a_wrong_signature_is_refused_and_kept(shop, sold):
    assert deliver(shop.server, secret="nobody's").status_code == 400
    assert Event.objects.count() == 0 and Delivery.objects.get().problem


def test_case_13_what_is_sold_in_another_shop_is_left_alone_with_200(shop, sold, caplog):
    payment = shop.account.payment("order_shop1", 5000, "INR", "card")
    shop.account.tell("payment.captured", payment=payment)
    assert deliver(shop.server).status_code == 200
    actions.take_events()
    assert Payment.objects.count() == 1 and Event.objects.get().taken_at is not None
    assert (Event.objects.get().problem, caplog.records) == ("", []), "it is no trouble of ours"


def test_case_08_an_event_of_the_other_mode_finds_nothing_and_is_done_with(shop, sold):
    shop.account.tell("subscription.charged", subscription={"id": "sub_TestMode000001"})
    assert deliver(shop.server).status_code == 200
    actions.take_events()
    assert "does not exist" in Event.objects.get().problem
    assert Checkout.objects.get().state == Checkout.PAID


def test_case_54_debits_that_wait_for_their_hours_cost_no_access_and_move_no_period(
    shop, sold, travel
):
    """UPI executes at certain hours only: what falls due at noon may be debited at night."""
    reader = subscription().reader
    due = subscription().paid_until()
    travel.move_to(due + timedelta(hours=11, minutes=30))
    worked()
    assert subscription().state == Subscription.ACTIVE, "nobody failed to pay"
    assert {"unlimited", "premium"} <= entitlements(reader, clock.now())
    shop.account.advance(clock.now().timestamp())
    travel.shift(timedelta(minutes=20))
    worked()
    last = subscription().periods.last()
    assert (last.number, last.starts) == (1, due)
    assert subscription().start_of(2) == last.ends


def test_case_54_one_try_and_three_more_are_each_booked_and_it_lapses_once(shop, sold, travel):
    knobs.decline(shop.account, sold)
    leap(shop, travel, 90)
    live(shop, travel, 12)
    assert FailedCharge.objects.count() == TRIES == 4
    subjects = list(Mail.objects.values_list("subject", flat=True))
    assert sum("could not charge" in subject for subject in subjects) == 4
    assert sum("has ended" in subject for subject in subjects) == 1
    assert Payment.objects.count() == 1


def test_case_55_revoked_in_the_app_it_renews_no_more(shop, sold, travel):
    knobs.revoke(shop.account, sold)
    deliver(shop.server)
    actions.take_events()
    assert subscription().is_live and not subscription().renews
    told = Mail.objects.filter(subject__startswith="Cancelled").get()
    assert "The mandate has ended." in told.text and "takes it back" not in told.text
    leap(shop, travel, 95)
    assert subscription().end_reason == Subscription.CANCELLED


def test_a_longer_plan_is_refused_to_be_renewed(shop):
    actions.set_terms(shop.plan, terms(unit="year", count=2))
    with pytest.raises(Refusal, match="cannot be paid"):
        checkout(shop)


def reading():
    client = Client()
    client.force_login(subscription().reader)
    return client


def test_case_57_the_account_says_how_to_come_to_another_plan(shop, sold):
    page = reading().get("/account/").content.decode()
    assert "A mandate cannot be changed." in page and "/account/plan/" not in page
    for address in ("/account/plan/", f"/account/plan/to/{shop.plan.slug}/"):
        assert reading().get(address).url == "/account/"


def test_a_cancellation_says_before_that_it_is_final_and_is(shop, sold):
    client = reading()
    assert "cannot be taken back" in client.get("/account/cancel/").content.decode()
    client.post("/account/cancel/")
    assert shop.account.get(sold)["status"] == "cancelled"
    page = client.get("/account/").content.decode()
    assert "You can subscribe again" in page and "/account/resume/" not in page
    said = client.post("/account/resume/", follow=True).content.decode()
    assert "The mandate has ended" in said and not subscription().renews
    assert not Mail.objects.filter(subject__contains="goes on").exists()


def test_a_debit_at_midnight_in_india_is_announced_a_day_before_it(shop, sold, travel):
    mandate = subscription().mandate
    assert (mandate.method, mandate.state) == ("upi", "active")
    leap(shop, travel, 88)
    assert actions.send_notices() == 1
    Mail.objects.filter(sent_at=None).update(sent_at=clock.now())
    actions.send_notices()
    live(shop, travel, 5)
    assert subscription().periods.count() == 2
    assert [*checks.unannounced(clock.now() - 10 * DAYS)] == []
    subscription().notices.all().delete()
    assert len([*checks.unannounced(clock.now() - 10 * DAYS)]) == 1


@pytest.mark.parametrize(
    ("place", "address"),
    [
        ("api.razorpay.com", "https://api.razorpay.com"),
        ("proxy.example:8443", "https://proxy.example:8443"),
        ("127.0.0.1:8100", "http://127.0.0.1:8100"),
    ],
)
def test_keys_travel_without_tls_only_within_the_machine(settings, place, address):
    url = f"razorpay://id:k%2Fy@{place}?webhook=new%2B,old"
    settings.ENV = replace(settings.ENV, payments_url=url)
    made = vars(gateways.gateway())
    assert made["_url"] == address
    assert made["_keys"] == ("id", "k/y") and made["_secrets"] == ("new+", "old")


def test_a_gift_is_paid_by_a_link_redeemed_and_given_back(shop, travel):
    wish = actions.GiftWish(
        version=shop.plan.current, token=new_key(), buyer_email="gina@lantern.example"
    )
    gift = actions.open_gift(shop.till, wish)
    assert actions.open_gift(shop.till, wish).ref == gift.ref
    knobs.pay(shop.account, gift.ref, "upi")
    travel.shift(timedelta(minutes=2))
    worked()
    assert Payment.objects.get().card == "UPI"
    reader = ben()
    redeemed(gift, reader)
    assert reader.grants.filter(source="gift", revoked_at=None).count() == 3
    actions.refund(shop.till, Payment.objects.get(), "Asked for", None)
    worked()
    assert not reader.grants.filter(revoked_at=None).exists()
    assert balance("gifts") == 0


def test_a_trial_ends_on_the_day_that_the_page_names_and_is_charged_then(shop, travel):
    actions.set_terms(shop.plan, terms(price=30000, count=1, trial_days=7))
    begun, reader = clock.now(), ben()
    found = checkout(shop, reader)
    knobs.pay(shop.account, found.ref, "upi")
    made = actions.settle(shop.till, found.ref).subscription
    # Razorpay counts from the last moment at which the reader could have agreed.
    named = first_charge_at(begun, 7, shop.till.trial_wait)
    assert (made.trial_starts, made.trial_ends) == (begun, named)
    assert set(entitlements(reader, clock.now()))
    assert not Payment.objects.exists()
    live(shop, travel, 9)
    assert [period.starts for period in PaidPeriod.objects.all()] == [named]
