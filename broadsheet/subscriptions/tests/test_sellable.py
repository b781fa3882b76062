"""What the gateway in force cannot sell is said in the desk, before a reader is sent there."""

import ast
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from broadsheet.config.doctor import examine
from broadsheet.kit.say import Refusal
from broadsheet.ledger import providers
from broadsheet.ledger.providers.base import GatewayRefused
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Coupon, Plan
from broadsheet.subscriptions.reads.coupons import with_coupon
from broadsheet.subscriptions.reads.proposals import ordinary
from broadsheet.subscriptions.reads.sellable import SAID, obstacles, unpayable
from broadsheet.subscriptions.tests.conftest import terms, text
from broadsheet.subscriptions.tests.desk_cast import publisher
from tests.cast import ben

PROVIDERS = Path(providers.__file__).parent
STRIPE = "stripe://sk_test_51Lantern:whsec_lantern@"
RAZORPAY = "razorpay://rzp_test_lantern:secret@?webhook=lantern"
FORM = {
    "name": "Long", "slug": "long", "on_sale": "on", "price": "900.00", "currency": "INR",
    "count": "1", "unit": "month", "tax_name": "GST", "tax_rate": "18", "tax_included": "on",
    "entitlements": ["unlimited"], "order": "1",
}  # fmt: skip


@pytest.fixture
def over(paper, plan, settings):
    def connected(url):
        settings.ENV = replace(settings.ENV, payments_url=url)

    return connected


def version(plan, **facts):
    made = terms(**facts)
    made.plan = plan
    return made


@pytest.mark.parametrize(
    ("url", "facts", "why"),
    [
        (STRIPE, {"unit": "year", "count": 4}, "more rarely than every three years"),
        (STRIPE, {"price": 90001, "currency": "KWD", "tax_rate": 0}, "as exact as that"),
        (
            STRIPE,
            {"unit": "week", "count": 1, "intro_price": 100, "intro_periods": 2},
            "not in days or weeks",
        ),
        (STRIPE, {"unit": "week", "count": 1, "intro_price": 100, "intro_periods": 1}, ""),
        (RAZORPAY, {"unit": "day", "count": 3}, "every seven days at most"),
        (RAZORPAY, {"unit": "year", "count": 2}, "once a year at least"),
        (RAZORPAY, {"unit": "year", "count": 2, "renews": False}, ""),
        (RAZORPAY, {"price": 99}, "too little"),
        (RAZORPAY, {"intro_price": 100, "intro_periods": 1}, "another price at first"),
        (RAZORPAY, {"trial_days": 14}, ""),
        ("", {"unit": "year", "count": 9}, ""),
    ],
)  # fmt: skip
def test_a_plan_that_the_gateway_cannot_sell_is_told_why(over, plan, url, facts, why):
    over(url)
    said = obstacles(version(plan, **facts))
    assert why in said
    assert bool(said) == bool(why)
    with override("de"):
        assert not why or obstacles(version(plan, **facts)) != said


def test_what_providers_say_of_an_order_can_be_translated():
    said = {
        part.value
        for name in ("stripe/orders", "stripe/amounts", "razorpay/orders", "razorpay/cycles")
        for node in ast.walk(ast.parse((PROVIDERS / f"{name}.py").read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "GatewayRefused"
        for part in node.args
        if isinstance(part, ast.Constant)
    }
    assert said == set(SAID)


def test_the_form_of_a_plan_refuses_it_on_sale_and_keeps_it_off_sale(over, plan):
    over(RAZORPAY)
    staff, two_years = publisher(), FORM | {"count": "2", "unit": "year"}
    answer = staff.post("/desk/business/plans/add/", two_years)
    assert "razorpay cannot sell it: Razorpay renews" in answer.content.decode()
    assert not Plan.objects.filter(slug="long").exists()
    staff.post("/desk/business/plans/add/", {k: v for k, v in two_years.items() if k != "on_sale"})
    assert not Plan.objects.get(slug="long").on_sale
    staff.post("/desk/business/plans/add/", FORM | {"slug": "month", "name": "Month"})
    assert Plan.objects.get(slug="month").on_sale


def test_a_coupon_names_no_plan_whose_first_price_cannot_be_charged(over, plan):
    over(STRIPE)
    weekly = Plan.objects.create(name="Weekly", slug="weekly", on_sale=True)
    actions.set_terms(weekly, terms(unit="week", count=1))
    facts = {
        "code": "WEEKS", "percent": "50", "periods": "3", "valid_from": "2026-01-01",
        "active": "on", "plans": [weekly.pk],
    }  # fmt: skip
    staff = publisher()
    answer = staff.post("/desk/coupons/new/", facts)
    assert "Weekly: The payment gateway stripe cannot sell it" in answer.content.decode()
    assert not Coupon.objects.exists()
    staff.post("/desk/coupons/new/", facts | {"plans": [plan.pk]})
    staff.post("/desk/coupons/new/", facts | {"periods": "1", "code": "ONCE"})
    assert Coupon.objects.count() == 2


def test_a_coupon_for_any_plan_is_not_for_the_one_that_it_makes_unpayable(over, plan):
    over(STRIPE)
    weekly = Plan.objects.create(name="Weekly", slug="weekly", on_sale=True)
    actions.set_terms(weekly, terms(unit="week", count=1))
    coupon = Coupon.objects.create(code="SPRING", percent=50, periods=3)
    with pytest.raises(Refusal, match="not for this plan"):
        with_coupon(ordinary(weekly.current), coupon, None)
    assert with_coupon(ordinary(plan.current), coupon, None).opening


def test_the_doctor_names_what_is_on_sale_and_cannot_be_paid(over, plan):
    actions.set_terms(plan, terms(unit="year", count=2))
    for url, found in (("", False), (STRIPE, False), (RAZORPAY, True)):
        over(url)
        out = StringIO()
        examine(out)
        assert ("is on sale and cannot be paid" in out.getvalue()) is found
    Plan.objects.update(on_sale=False)
    out = StringIO()
    examine(out)
    assert "is on sale and cannot be paid" not in out.getvalue()


@pytest.mark.parametrize("where", ["/subscribe/plan/", "/subscribe/gift/plan/"])
def test_a_reader_is_told_in_words_of_ours_and_the_log_in_the_gateways(
    till, plan, monkeypatch, caplog, where
):
    def refuse(order):
        raise GatewayRefused("Currency is not supported.", "Look at it in the Dashboard.")

    monkeypatch.setattr(till, "open_checkout", refuse)
    client, where = Client(), where.replace("plan", plan.slug)
    client.force_login(ben(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(where)
    facts = {"version": page.context["version"], "token": page.context.get("token", "")}
    answer = client.post(where, facts | {"recipient_email": "ida@tarn.example"})
    assert answer.status_code == 409
    assert "did not accept this. Please try again later." in text(answer)
    assert "Currency" not in text(answer)
    assert "Currency is not supported." in caplog.text


def test_a_gateway_with_a_wrong_address_stops_neither_the_doctor_nor_the_desk(over, plan):
    actions.set_terms(plan, terms(trial_days=14))
    over("stripe://pk_live_51Lantern:whsec_lantern@")
    out = StringIO()
    examine(out)
    assert "no secret or restricted key" in out.getvalue()
    publisher().post("/desk/business/plans/add/", FORM)
    assert Plan.objects.filter(slug="long").exists()


def test_a_plan_that_is_sold_without_its_trial_can_be_paid(over, plan):
    over(STRIPE)
    offered = version(plan, trial_days=14, intro_price=100, intro_periods=1)
    assert "after a trial" in obstacles(offered)
    assert unpayable(offered) == ""


def test_a_coupon_that_cannot_be_charged_is_switched_off(over, plan):
    weekly = Plan.objects.create(name="Weekly", slug="weekly", on_sale=True)
    actions.set_terms(weekly, terms(unit="week", count=1))
    coupon = Coupon.objects.create(code="WEEKS", percent=50, periods=3)
    coupon.plans.add(weekly)
    over(STRIPE)
    facts = {"code": "WEEKS", "percent": "50", "periods": "3", "valid_from": "2026-01-01",
             "plans": [weekly.pk]}  # fmt: skip
    publisher().post(f"/desk/coupons/edit/{coupon.pk}/", facts | {"active": "on"})
    coupon.refresh_from_db()
    assert coupon.active
    publisher().post(f"/desk/coupons/edit/{coupon.pk}/", facts)
    coupon.refresh_from_db()
    assert not coupon.active


def test_a_coupon_for_any_plan_must_be_for_one_of_them(over, plan):
    over(RAZORPAY)
    facts = {"code": "SPRING", "percent": "50", "valid_from": "2026-01-01", "active": "on"}
    answer = publisher().post("/desk/coupons/new/", facts | {"periods": "3"})
    assert "razorpay cannot sell it" in answer.content.decode()
    publisher().post("/desk/coupons/new/", facts)
    assert Coupon.objects.get().periods is None
