"""Cases of money that belong to no single part: clocks, plans and accounts that change."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress

from broadsheet.accounts.actions import make_reader
from broadsheet.accounts.models import Mail
from broadsheet.accounts.tests.doors import LOGIN, code_for, fill
from broadsheet.accounts.tests.doors import browser as door
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger import gateways
from broadsheet.ledger.models import FailedCharge, Invoice, Payment
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import (
    Checkout,
    Grant,
    PaidPeriod,
    Plan,
    PlanVersion,
    Subscription,
)
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.quotes import quote_of
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, terms
from broadsheet.subscriptions.tests.test_webhooks import body, deliver
from tests.cast import PASSWORD, ben

ALL = {"unlimited", "premium", "ad_free"}
END = datetime(2026, 6, 30, 10, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def books_balance(db):
    yield
    assert [*checks.everything()] == []


def opened(reader):
    return set(entitlements(reader, clock.now()))


def work(till):
    till.gateway.run_due()
    actions.take_events()
    actions.ask_again()
    actions.end_due()
    actions.close_days()


def only():
    return Subscription.objects.get()


class Apart(Direct):
    """A gateway whose clock is so far from the paper's."""

    def __init__(self, gateway, travel, ahead):
        super().__init__(gateway, "whsec")
        self._travel, self._ahead = travel, ahead

    def _there(self, name, *args, **options):
        self._travel.shift(self._ahead)
        try:
            return getattr(super(), name)(*args, **options)
        finally:
            self._travel.shift(-self._ahead)

    def open_checkout(self, order):
        return self._there("open_checkout", order)

    def look_up(self, ref):
        return self._there("look_up", ref)

    def pay(self, ref, number, *, confirmed=False):
        return self._there("pay", ref, number, confirmed=confirmed)


@pytest.mark.parametrize("minutes", [5, -5])
def test_case_19_clocks_five_minutes_apart_cost_nobody_access(
    till, plan, travel, monkeypatch, minutes
):
    ahead = timedelta(minutes=minutes)
    apart, reader = Apart(till.gateway, travel, ahead), ben()
    monkeypatch.setattr(gateways, "_made", lambda url: apart)
    bought = buy(apart, reader, plan)
    assert opened(reader) == ALL, "at once, also where the gateway says that it begins later"
    now = clock.now().timestamp()
    assert deliver(body(bought.checkout.ref), at=now + ahead.total_seconds()).status_code == 200
    for at in (END - ahead, END, END + timedelta(minutes=6)):
        travel.move_to(at)
        work(till)
        assert opened(reader) == ALL
    travel.move_to(END + timedelta(days=1))
    work(till)
    starts = PaidPeriod.objects.order_by("number").values_list("starts", flat=True)
    assert [*starts] == [bought.settled.subscription.anchor, END + ahead]
    assert Payment.objects.count() == 2


def test_case_19_a_clock_that_is_set_back_books_and_ends_nothing_again(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    travel.move_to(END + timedelta(minutes=1))
    work(till)
    before = Payment.objects.count(), Mail.objects.count(), opened(reader)
    assert before[0] == 2
    for back in (timedelta(minutes=5), timedelta(hours=1), timedelta(days=2)):
        travel.move_to(END - back)
        work(till)
        assert (Payment.objects.count(), Mail.objects.count(), opened(reader)) == before


def test_case_20_access_ends_at_the_end_of_the_period_and_not_a_moment_later(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    actions.tell_gateway(till, actions.set_renewal(only(), renews=False))
    travel.move_to(END - MOMENT)
    work(till)
    assert opened(reader) == ALL
    assert entitlements(reader, END - MOMENT) == ALL
    assert entitlements(reader, END) == set(), "no worker is needed for it"
    travel.move_to(END)
    work(till)
    assert only().end_reason == Subscription.CANCELLED


def test_case_22_renewing_twice_after_a_standstill_or_for_a_past_day_charges_once(
    till, plan, travel
):
    actions.set_terms(plan, terms(unit="month", count=1))
    reader = ben()
    buy(till, reader, plan)
    travel.move_to(datetime(2026, 7, 10, tzinfo=UTC))
    for _ in range(2):
        work(till)
    found = Payment.objects.count(), Mail.objects.count(), Invoice.objects.count()
    assert found[0] == found[2] == 4, "March to June: each month that was missed, once"
    assert opened(reader) == ALL
    for at in (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 11, tzinfo=UTC)):
        travel.move_to(at)
        work(till)
        assert (Payment.objects.count(), Mail.objects.count(), Invoice.objects.count()) == found


@pytest.mark.parametrize(
    ("currency", "price", "shown"), [("JPY", 1500, "¥1,500"), ("KWD", 12_345, "12.345")]
)
def test_case_24_currencies_of_no_and_of_three_decimals_are_sold_to_the_unit(
    till, plan, currency, price, shown
):
    actions.set_terms(plan, terms(currency=currency, price=price))
    buy(till, ben(), plan)
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency) == (price, currency)
    assert payment.invoice.net + payment.invoice.tax == price
    assert shown in Mail.objects.get().text


def test_case_41_who_has_cancelled_keeps_the_plan_first_and_then_takes_the_dearer(
    till, plan, travel
):
    dear = Plan.objects.create(slug="yearly", name="Yearly")
    actions.set_terms(dear, terms(price=270_000, unit="year", count=1))
    buy(till, ben(), plan)
    now = clock.now()
    token = actions.sealed(only(), dear.current, quote_of(only(), dear.current, now), now)
    actions.tell_gateway(till, actions.set_renewal(only(), renews=False))
    with pytest.raises(Refusal, match="cancelled"):
        actions.change_plan(till, only(), dear.current, token)
    assert Payment.objects.count() == 1
    assert only().version == plan.current
    actions.tell_gateway(till, actions.set_renewal(only(), renews=True))
    actions.change_plan(till, only(), dear.current, token)
    assert (Payment.objects.count(), only().version, only().renews) == (2, dear.current, True)


@pytest.mark.parametrize("retired", [True, False])
def test_case_43_an_old_checkout_page_sells_what_it_says_though_the_plan_is_gone(
    till, plan, travel, retired
):
    reader, sold = ben(), plan.current
    checkout = actions.open_checkout(till, reader, sold, "")
    if retired:
        Plan.objects.update(on_sale=False)
    else:
        actions.set_terms(plan, terms(price=99_000))
    with pytest.raises(Refusal, match="offer has changed"):
        fresh = PlanVersion.objects.get(pk=sold.pk)
        actions.open_checkout(till, make_reader("cy@x.example", PASSWORD), fresh, "")
    till.pay(checkout.ref, GOOD)
    actions.settle(till, checkout.ref)
    assert (only().version, Payment.objects.get().amount) == (sold, 90_000)
    assert opened(reader) == ALL
    travel.move_to(END)
    work(till)
    assert Payment.objects.count() == 2, "and renews as it was sold"


def moves_to(reader, address):
    """By the reader's own page: another address, confirmed, the main one; the old one goes."""
    client, page = door(), "/accounts/email/"
    fill(client, client.get(LOGIN), "login", login=reader.email, password=PASSWORD)
    asked = fill(client, client.get(page), "email", email=address, action_add="")
    fill(client, asked, "code", code=code_for(address))
    client.post(page, {"email": address, "action_primary": ""})
    client.post(page, {"email": reader.email, "action_remove": ""})
    assert list(EmailAddress.objects.values_list("email", "primary")) == [(address, True)]


def test_case_47_a_new_address_keeps_what_is_paid_for_and_gets_the_mail(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    moves_to(reader, "benedict@lantern.example")
    other = make_reader("ben@lantern.example", PASSWORD)
    travel.move_to(END)
    work(till)
    assert (opened(reader), opened(other)) == (ALL, set()), "the old address opens nothing"
    assert Mail.objects.latest("pk").to == "benedict@lantern.example"
    assert Invoice.objects.latest("pk").buyer.endswith("benedict@lantern.example")


def test_case_47_who_comes_back_after_a_deletion_is_a_stranger(till, plan, travel):
    first = ben()
    ref = buy(till, first, plan).checkout.ref
    actions.ask_to_erase(first)
    work(till)
    assert actions.erase_due() == 1
    again = ben()
    work(till)
    assert opened(again) == set()
    assert not again.subscriptions.exists()
    assert Payment.objects.get().reader is None
    bought = buy(till, again, plan)
    assert bought.checkout.ref != ref
    travel.move_to(END)
    work(till)
    assert Payment.objects.filter(reader=again).count() == 2
    assert Payment.objects.count() == 3, "nothing is charged for the account that is gone"


def test_case_48_an_account_with_an_unpaid_renewal_goes_and_nothing_is_charged_after(
    till, plan, travel
):
    reader = ben()
    ref = buy(till, reader, plan, ONCE).checkout.ref
    travel.move_to(END)
    work(till)
    assert (only().state, bool(only().pay_url)) == (Subscription.PAST_DUE, True)
    actions.ask_to_erase(reader)
    travel.shift(timedelta(minutes=20))
    work(till)
    assert actions.erase_due() == 1
    assert not Subscription.objects.exists()
    assert till.pay(ref, GOOD).kind != "paid", "its page is closed"
    for _ in range(6):
        travel.shift(timedelta(days=1))
        work(till)
    assert [charge.paid for charge in till.look_up(ref).charges] == [True, False]
    assert Payment.objects.count() == FailedCharge.objects.count() == 1


@pytest.mark.parametrize("days", [0, 1, 91])
def test_case_49_access_that_was_given_hands_over_to_what_is_paid(till, plan, travel, days):
    """It ends as the subscription begins, a day later, or after the subscription has ended."""
    reader, start = ben(), clock.now()
    given = {"reader": reader, "valid_from": start - timedelta(days=30)}
    for name in ALL:
        until = start + timedelta(days=days)
        Grant.objects.create(entitlement=name, valid_until=until, **given)
    travel.move_to(start - MOMENT)
    assert opened(reader) == ALL
    travel.move_to(start)
    buy(till, reader, plan)
    actions.tell_gateway(till, actions.set_renewal(only(), renews=False))
    last = max(END, start + timedelta(days=days))
    for at in (start, start + timedelta(days=1), END - MOMENT, END, last - MOMENT, last):
        travel.move_to(at)
        work(till)
        assert opened(reader) == (ALL if at < last else set()), at


def test_case_59_what_a_plan_no_longer_gives_stays_with_whoever_bought_it(till, plan, travel):
    old, new = ben(), make_reader("cy@x.example", PASSWORD)
    buy(till, old, plan)
    actions.set_terms(plan, terms(entitlements=["unlimited"]))
    assert opened(old) == ALL
    travel.shift(timedelta(days=1))
    buy(till, new, plan)
    travel.move_to(END + timedelta(days=1))
    work(till)
    assert (opened(old), opened(new)) == (ALL, {"unlimited"})
    assert Checkout.objects.filter(state=Checkout.PAID).count() == 2
