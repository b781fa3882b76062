"""Coupons: what they take off, for whom, how often; said before and charged as it was said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice, Payment
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Checkout, Coupon, CouponUse, Grant, Plan, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.reads.coupons import coupon_of, reduced
from broadsheet.subscriptions.reads.export import KINDS
from broadsheet.subscriptions.rules import discounted
from broadsheet.subscriptions.tests.conftest import GOOD, terms, text
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from tests.at_once import at_once
from tests.cast import ben

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def books_balance(db):
    cache.clear()  # Wrong codes of another test are none of this one's.
    yield
    assert [*checks.everything()] == []


@pytest.fixture
def half(plan):
    """Half of the first two payments."""
    return Coupon.objects.create(code="SPRING", percent=50, periods=2)


@pytest.fixture
def reader(till, plan, travel):
    return ben()


@pytest.fixture
def browser(reader):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    client.force_login(reader, backend=BACKEND)
    return client


def somebody(name):
    return User.objects.create_user(f"{name}@lantern.example")


def opened(till, reader, plan, coupon):
    return actions.open_checkout(till, reader, plan.current, "/", coupon=coupon)


def bought(till, reader, plan, coupon):
    checkout = opened(till, reader, plan, coupon)
    till.pay(checkout.ref, GOOD)
    return actions.settle(till, checkout.ref).subscription


def until(till, travel, at):
    travel.move_to(at)
    till.gateway.run_due()
    actions.ask_again()
    actions.end_due()


def paid():
    return list(Payment.objects.order_by("pk").values_list("amount", flat=True))


def enter(browser, code, **more):
    return browser.post(
        "/subscribe/coupon/", {"code": code, "plan": "quarterly"} | more, follow=True
    )


def test_the_first_payments_cost_less_and_the_others_the_price(till, plan, reader, half, travel):
    subscription = bought(till, reader, plan, half)
    assert subscription.price.amount == 45000
    for month, day in ((7, 1), (10, 1), (12, 31)):
        until(till, travel, datetime(2026, month, day, 11, tzinfo=UTC))
    assert paid() == [45000, 45000, 90000, 90000]
    assert [i.total for i in Invoice.objects.order_by("number")] == paid()


def test_every_payment_may_cost_less(till, plan, reader, travel):
    coupon = Coupon.objects.create(code="ALWAYS", amount_off=10000, currency="INR")
    subscription = bought(till, reader, plan, coupon)
    until(till, travel, datetime(2026, 7, 1, tzinfo=UTC))
    assert paid() == [80000, 80000]
    assert subscription.usual.amount == 80000


def test_what_is_paid_once_costs_less_once(till, plan, reader, half):
    actions.set_terms(plan, terms(renews=False))
    bought(till, reader, plan, half)
    assert paid() == [45000]
    assert Checkout.objects.get().opening_amount is None


def test_the_reduced_price_stands_there_before_and_is_what_is_charged(
    till, plan, reader, browser, half
):
    page_ = text(enter(browser, " spring "))
    assert "SPRING: 50% off the first 2 payments." in page_
    assert "To pay today</dt><dd><strong>₹450</strong>" in page_
    said = "₹450 every 3 months for the first 6 months; then it renews automatically at ₹900 every"
    assert said in page_
    seal = browser.get("/subscribe/quarterly/").context["version"]
    answer = browser.post("/subscribe/quarterly/", {"version": seal})
    checkout = Checkout.objects.get()
    assert answer["Location"] == checkout.url
    till.pay(checkout.ref, GOOD)
    browser.get(f"/subscribe/return/{checkout.key}/")
    assert paid() == [45000]
    assert CouponUse.objects.get().final_at is not None


def test_a_code_is_put_away_again(plan, browser, half):
    enter(browser, "SPRING")
    assert "₹450" not in text(enter(browser, ""))


def test_who_has_no_account_types_the_code_first(till, plan, half):
    client = Client(headers={"x-forwarded-for": "127.0.0.1"})
    assert "SPRING" in text(enter(client, "SPRING", plan=""))
    client.force_login(somebody("rosa"), backend=BACKEND)
    assert "Pay ₹450" in text(client.get("/subscribe/quarterly/"))


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"active": False}, "not valid"),
        ({"valid_until": "2026-03-30T00:00Z", "valid_from": "2026-01-01T00:00Z"}, "has expired"),
        ({"valid_from": "2027-01-01T00:00Z"}, "cannot be used yet"),
        ({"code": "OTHER"}, "not valid"),
    ],
)
def test_a_code_that_is_not_in_force_is_refused_with_its_reason(plan, browser, half, facts, why):
    Coupon.objects.update(**facts)
    page_ = text(enter(browser, "SPRING"))
    assert why in page_
    assert "Pay ₹900" in page_


def test_a_coupon_for_other_plans_or_another_currency_is_refused(till, plan, reader, browser, half):
    other = Plan.objects.create(slug="other", name="Other")
    half.plans.add(other)
    assert "This coupon is not for this plan." in text(enter(browser, "SPRING"))
    Coupon.objects.create(code="EURO", amount_off=100, currency="EUR")
    assert "This coupon is not for this plan." in text(enter(browser, "EURO"))
    with pytest.raises(Refusal, match="not for this plan"):
        opened(till, reader, plan, half)


def test_a_first_price_and_a_coupon_are_not_added(till, plan, reader, half):
    actions.set_terms(plan, terms(intro_price=9900, intro_periods=1))
    with pytest.raises(Refusal, match="first price"):
        opened(till, reader, plan, half)


def test_each_reader_uses_it_once(till, plan, reader, half, travel):
    subscription = bought(till, reader, plan, half)
    actions.tell_gateway(till, actions.set_renewal(subscription, renews=False))
    until(till, travel, subscription.paid_until())
    with pytest.raises(Refusal, match="used this coupon"):
        opened(till, reader, plan, half)
    bought(till, somebody("rosa"), plan, half)
    assert half.uses.count() == 2


def test_a_use_is_let_go_with_its_checkout(till, plan, reader, half, travel):
    Coupon.objects.update(most_uses=1)
    half.refresh_from_db()
    checkout, rosa = opened(till, reader, plan, half), somebody("rosa")
    with pytest.raises(Refusal, match="All uses"):
        opened(till, rosa, plan, half)
    till.gateway.cancel(checkout.ref)
    actions.settle(till, checkout.ref)
    bought(till, rosa, plan, half)
    with pytest.raises(Refusal, match="All uses"):
        opened(till, reader, plan, half)


def test_a_checkout_that_never_reached_the_gateway_holds_no_use_for_ever(
    till, plan, reader, half, travel
):
    Coupon.objects.update(most_uses=1)
    half.refresh_from_db()
    opened(till, reader, plan, half)
    Checkout.objects.update(ref=None)
    travel.shift(timedelta(days=3))
    bought(till, somebody("rosa"), plan, half)


def test_case_28_a_coupon_of_100_percent_needs_no_payment_and_ends_by_itself(
    plan, reader, browser, travel
):
    Coupon.objects.create(code="GUEST", percent=100, periods=2)
    page_ = text(enter(browser, "GUEST"))
    said = "Free for 6 months: nothing is charged, no card is needed, and it ends by itself."
    assert said in page_
    assert "Begin, nothing to pay" in page_
    seal = browser.get("/subscribe/quarterly/").context["version"]
    answer = browser.post("/subscribe/quarterly/", {"version": seal, "next": "/world/"})
    assert (answer.status_code, answer["Location"]) == (302, "/world/")
    assert "pass" in answer.cookies
    assert set(entitlements(reader, clock.now())) == {"unlimited", "premium", "ad_free"}
    assert not Payment.objects.exists()
    assert not Subscription.objects.exists()
    assert "until 30 September 2026" in text(browser.get("/account/"))
    again = browser.post("/subscribe/quarterly/", {"version": seal, "next": "/world/"})
    assert (again.status_code, again["Location"]) == (302, "/world/"), "a double click"
    assert Grant.objects.count() == 3
    travel.move_to(datetime(2026, 9, 30, 10, tzinfo=UTC))
    assert not entitlements(reader, clock.now())


def test_case_28_a_fixed_coupon_above_the_price_leaves_nothing_to_pay_and_nothing_back(
    plan, reader
):
    coupon = Coupon.objects.create(code="GIFT-1000", amount_off=100000, currency="INR")
    proposal = reduced(plan.current, coupon)
    assert (proposal.today.amount, proposal.free) == (0, 1)
    use = actions.redeem(reader, plan.current, coupon, seen=proposal.seal)
    assert use.closes == datetime(2026, 6, 30, 10, tzinfo=UTC)


def test_case_28_a_coupon_that_is_being_paid_with_on_another_page_opens_nothing_for_nothing(
    till, plan, reader
):
    coupon = Coupon.objects.create(code="LESS-300", amount_off=30000, currency="INR")
    small = Plan.objects.create(slug="small", name="Small")
    actions.set_terms(small, terms(price=30000, count=1))
    checkout = opened(till, reader, plan, coupon)
    seal = reduced(small.current, coupon).seal
    with pytest.raises(Refusal, match="begun to pay with this coupon"):
        actions.redeem(reader, small.current, coupon, seen=seal)
    assert not Grant.objects.exists()
    till.gateway.cancel(checkout.ref)
    actions.settle(till, checkout.ref)
    assert actions.redeem(reader, small.current, coupon, seen=seal).opens is not None


def test_case_28_what_an_open_checkout_was_quoted_holds_when_the_coupon_ends(
    till, plan, reader, browser, half, travel
):
    enter(browser, "SPRING")
    seal = browser.get("/subscribe/quarterly/").context["version"]
    checkout = opened(till, reader, plan, half)
    Coupon.objects.update(active=False, valid_until=clock.now())
    assert "Pay ₹450" in text(browser.get("/subscribe/quarterly/"))
    answer = browser.post("/subscribe/quarterly/", {"version": seal})
    assert answer["Location"] == checkout.url
    till.pay(checkout.ref, GOOD)
    assert actions.settle(till, checkout.ref).subscription is not None
    assert paid() == [45000]


def test_case_28_a_coupon_that_ends_before_the_checkout_is_not_taken_off(
    till, plan, reader, browser, half
):
    enter(browser, "SPRING")
    seal = browser.get("/subscribe/quarterly/").context["version"]
    Coupon.objects.update(active=False)
    answer = browser.post("/subscribe/quarterly/", {"version": seal})
    assert answer.status_code == 409
    assert not Checkout.objects.exists()
    assert "Pay ₹900" in text(answer)


def test_guessing_codes_ends_soon(plan, browser, half):
    for n in range(20):
        assert "not valid" in text(enter(browser, f"GUESS-{n}"))
    assert "Too many codes were wrong." in text(enter(browser, "SPRING"))


def test_right_codes_are_not_counted(plan, browser, half):
    for _ in range(22):
        assert "SPRING: 50%" in text(enter(browser, "SPRING"))


def test_an_erased_reader_frees_no_use(till, plan, reader, travel):
    coupon = Coupon.objects.create(code="GUEST", percent=100, periods=1, most_uses=1)
    actions.redeem(reader, plan.current, coupon, seen=reduced(plan.current, coupon).seal)
    kind = next(kind for kind in KINDS if kind.name == "coupons")
    assert [row["coupon_code"] for row in kind.rows(reader)] == ["GUEST"]
    reader.delete()
    assert CouponUse.objects.get().reader is None
    with pytest.raises(Refusal, match="All uses"):
        opened(till, somebody("rosa"), plan, coupon)


def test_a_grant_without_a_use_is_found(reader):
    grant = Grant.objects.create(reader=reader, entitlement="unlimited", source="coupon")
    assert [str(problem) for problem in checks.problems()]
    grant.delete()


def test_the_desk_makes_lists_and_ends_a_coupon(till, plan, reader):
    staff = publisher()
    facts = {
        "code": "summer-26", "percent": "25", "periods": "1", "valid_from": "2026-01-01",
        "active": "on", "most_uses": "10",
    }  # fmt: skip
    answer = staff.post("/desk/coupons/new/", facts, follow=True)
    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.percent, coupon.amount_off) == ("SUMMER-26", 25, None)
    bought(till, reader, plan, coupon)
    listed = page(staff, "/desk/coupons/")
    assert "25% off the first payment" in listed
    assert "1 of 10" in listed
    edit = f"/desk/coupons/edit/{coupon.pk}/"
    staff.post(edit, facts | {"percent": "90", "active": "", "note": "Over"}, follow=True)
    coupon.refresh_from_db()
    assert (coupon.percent, coupon.active, coupon.note) == (25, False, "Over")
    staff.post(f"/desk/coupons/delete/{coupon.pk}/")
    assert Coupon.objects.count() == 1
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "facts",
    [
        {}, {"percent": "5", "off": "5", "currency": "INR"}, {"percent": "101"}, {"percent": "0"},
        {"off": "5", "currency": "XYZ"}, {"off": "0", "currency": "INR"}, {"off": "5"},
        {"percent": "5", "code": "A B"}, {"percent": "5", "valid_until": "2025-01-01"},
    ],
)  # fmt: skip
def test_the_desk_refuses_a_coupon_that_cannot_be(plan, facts):
    base = {"code": "SUMMER", "valid_from": "2026-01-01", "active": "on"}
    answer = publisher().post("/desk/coupons/new/", base | facts)
    assert answer.status_code == 200
    assert not Coupon.objects.exists()


@given(st.integers(1, 10**12), st.integers(1, 100), st.integers(1, 10**12))
def test_a_price_is_never_above_itself_nor_below_nothing(price, percent, amount):
    for less in (discounted(price, percent, None), discounted(price, None, amount)):
        assert 0 <= less < price
    assert discounted(price, 100, None) == 0
    assert discounted(price, percent, None) * 100 <= price * (100 - percent)


@pytest.mark.django_db(transaction=True)
def test_case_28_the_last_use_is_taken_by_one_of_two(till, plan, half):
    Coupon.objects.update(most_uses=1)
    readers = [somebody("rosa"), somebody("sami")]

    def take(reader):
        try:
            return opened(till, reader, plan, Coupon.objects.get()).amount
        except Refusal:
            return None

    taken = at_once(*[lambda reader=reader: take(reader) for reader in readers])
    assert sorted(taken, key=str) == [90000, None]
    assert CouponUse.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_case_28_two_tabs_with_one_coupon_open_one_checkout_and_one_gift(till, plan, half):
    reader = ben()
    opened_ = at_once(*[lambda: opened(till, reader, plan, Coupon.objects.get()).ref] * 3)
    assert len(set(opened_)) == 1
    assert CouponUse.objects.count() == 1
    free = Coupon.objects.create(code="GUEST", percent=100, periods=1)
    seal = reduced(plan.current, free).seal

    def redeem():
        try:
            return actions.redeem(reader, plan.current, coupon_of("guest"), seen=seal).pk
        except Refusal:
            return None

    done = at_once(redeem, redeem, redeem)
    assert len([one for one in done if one]) == 1
    assert Grant.objects.filter(source="coupon").count() == 3
