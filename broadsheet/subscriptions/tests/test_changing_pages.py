"""The pages of a change of plan: exact before, clear after, and nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, PlanChange, Subscription
from broadsheet.subscriptions.reads.business.overview import overview
from broadsheet.subscriptions.reads.business.written import words as desk_words
from broadsheet.subscriptions.tests.conftest import DECLINED, GOOD, buy, terms, text
from broadsheet.subscriptions.tests.desk_cast import publisher, queries
from tests.cast import ben

YEARLY, SMALL = "/account/plan/to/yearly/", "/account/plan/to/small/"


@pytest.fixture
def reader(till, plan, travel):
    for slug, facts in {
        "yearly": {"price": 270_000, "unit": "year", "count": 1},
        "small": {"price": 20_000, "count": 1, "entitlements": ["unlimited"]},
    }.items():
        made = Plan.objects.create(slug=slug, name=slug.capitalize())
        actions.set_terms(made, terms(**facts))
    reader = ben()
    buy(till, reader, plan)
    travel.move_to(datetime(2026, 5, 15, 12, tzinfo=UTC))
    return reader


def order(browser, where):
    """Open the page, press its button, and go where that leads."""
    page = browser.get(where)
    return browser.post(where, {"quote": page.context["sealed"]}, follow=True)


def test_the_price_the_credit_and_the_next_charge_stand_there_before(browser):
    page = text(browser.get(YEARLY))
    for words in ("₹2,700", "−₹454.94", "46 unused days of Quarterly", "₹2,245.06",
                  "GST 18%: ₹342.47, included", "₹2,700 on 15 May 2027",
                  "Change and pay ₹2,245.06"):  # fmt: skip
        assert words in page
    assert Payment.objects.count() == 1
    page = text(order(browser, YEARLY))
    assert "Your plan is Yearly now" in page
    assert "Next charge: <strong>₹2,700</strong> on <strong>15 May 2027</strong>" in page
    assert "Since 31 March 2026. Renews every year." in page
    assert Payment.objects.order_by("-id").first().amount == 224_506


@pytest.mark.parametrize("where", ["/account/", "/account/plan/", YEARLY])
def test_a_page_reads_each_setting_once(browser, where):
    browser.get(where)
    with CaptureQueriesContext(connection) as met:
        assert browser.get(where).status_code == 200
    for table in ("desk_paper", "ledger_seller", "subscriptions_salespolicy"):
        asked = [one["sql"] for one in met if f'FROM "{table}"' in one["sql"]]
        assert len(asked) <= 1, asked


def test_a_smaller_plan_says_what_it_lacks_and_waits_for_the_next_charge(browser):
    page = text(browser.get(SMALL))
    for words in ("does not include: Premium", "₹200 on 30 June 2026", "To pay today",
                  "Change on 30 June 2026"):  # fmt: skip
        assert words in page
    page = text(order(browser, SMALL))
    assert "Small begins with the next charge, of ₹200." in page
    assert "Next charge: <strong>₹200</strong> on <strong>30 June 2026</strong>" in page
    waiting = text(browser.get("/account/plan/"))
    assert "Small begins with the next charge" in waiting
    assert "/account/plan/to/" not in waiting, "it would only be refused"
    page = text(browser.post("/account/plan/keep/", follow=True))
    assert "You keep Quarterly." in page
    assert "Next charge: <strong>₹900</strong>" in page


def test_a_declined_card_leads_to_the_page_where_another_one_pays(browser, till):
    ref = Subscription.objects.get().ref
    till.gateway.set_card(ref, read_number(DECLINED))
    page = browser.get(YEARLY)
    answer = browser.post(YEARLY, {"quote": page.context["sealed"]})
    assert answer.headers["location"] == till.look_up(ref).url
    page = text(browser.get("/account/"))
    assert "The change to Yearly is not paid yet (₹2,245.06). The card was declined." in page
    assert "Nothing was charged, and your plan is as before." in page
    till.pay(ref, GOOD)
    page = text(browser.get(f"/subscribe/return/{Subscription.objects.get().checkout.key}/",
                            follow=True))  # fmt: skip
    assert "Yearly" in page
    assert PlanChange.objects.get().state == PlanChange.DONE


def test_a_silent_gateway_is_told_of_and_changes_nothing(browser, till, monkeypatch):
    def silent(*args):
        raise GatewaySilent("down")

    monkeypatch.setattr(till, "change", silent)
    page = text(order(browser, YEARLY))
    assert "is not confirmed yet" in page
    assert Payment.objects.count() == 1
    monkeypatch.setattr(till, "drop_change", silent)
    assert "Nothing was changed" in text(browser.post("/account/plan/keep/", follow=True))


def test_a_price_that_changed_meanwhile_is_shown_again(browser):
    page = browser.get(YEARLY)
    yearly = Plan.objects.get(slug="yearly")
    actions.set_terms(yearly, terms(price=280_000, unit="year", count=1))
    answer = browser.post(YEARLY, {"quote": page.context["sealed"]})
    assert answer.status_code == 409
    assert "Something has changed since this was shown. Nothing was charged." in text(answer)
    assert "₹2,345.06" in text(answer)
    assert Payment.objects.count() == 1


def test_without_a_gateway_readers_are_told_in_their_own_words(browser, settings):
    settings.ENV = replace(settings.ENV, payments_url="")
    for where in ("/account/plan/keep/", "/account/card/", "/account/pause/end/"):
        page = text(browser.post(where, follow=True))
        assert "Subscriptions cannot be changed at the moment. Nothing was changed." in page
        assert "BROADSHEET" not in page
    browser.post("/account/cancel/")
    page = text(browser.post("/account/resume/", follow=True))
    assert "Your subscription goes on." in page, "it counts; the worker tells the gateway later"


@pytest.mark.parametrize(("pressed", "page"), [
    ("/account/plan/keep/", "/account/"), ("/account/benefits/1/claim/", "/account/benefits/"),
    ("/account/group/members/1/remove/", "/account/group/"),
    ("/account/gift/1/back/", "/account/gift/"),
    ("/account/data/export/", "/account/data/"),
    ("/account/connections/1/end/", "/account/connections/"),
])  # fmt: skip
def test_who_was_signed_out_half_way_comes_back_to_the_page_with_the_button(plan, pressed, page):
    assert resolve(pressed).func is not None
    answer = Client().post(pressed)
    assert answer.headers["location"] == f"/accounts/login/?next={page}"


@pytest.mark.parametrize("quote", ["", "x", "a:b:c"])
def test_an_order_without_a_quote_is_shown_the_price_first(browser, quote):
    assert browser.post(YEARLY, {"quote": quote}).status_code == 409
    assert browser.post(YEARLY).status_code == 409
    assert Payment.objects.count() == 1


def test_plans_that_are_not_sold_are_not_there_and_strangers_sign_in(browser, reader):
    assert browser.get("/account/plan/to/nothing/").status_code == 404
    assert browser.get("/account/plan/keep/").status_code == 405
    assert browser.get("/account/plan/to/quarterly/").headers["location"] == "/account/"
    assert browser.get("/subscribe/yearly/").headers["location"] == YEARLY
    for where in ("/account/plan/", YEARLY):
        assert "/accounts/login/" in Client().get(where).headers["location"]
    assert Client(enforce_csrf_checks=True).post("/account/plan/keep/").status_code == 403


def test_the_pages_ask_as_often_for_many_plans_as_for_few(browser):
    few = {where: queries(browser, where) for where in ("/account/plan/", YEARLY, "/account/")}
    for n in range(5):
        made = Plan.objects.create(slug=f"p{n}", name=f"P{n}")
        actions.set_terms(made, terms(price=100_000 + n))
    assert {where: queries(browser, where) for where in few} == few
    assert 0 < max(few.values()) < 48, few


def test_the_desk_sees_the_change_and_gives_back_the_newest_payment_only(browser):
    order(browser, YEARLY)
    first, second = Payment.objects.order_by("id")
    staff, number = publisher(), Subscription.objects.get().pk
    story = text(staff.get(reverse("business_subscription", args=[number])))
    assert "Quarterly to Yearly, ₹454.94 credited" in story
    answer = staff.get(reverse("business_refund", args=[first.pk]))
    assert answer.status_code == 409
    assert "credited when the plan was changed" in text(answer)
    whole = {"amount": f"{Decimal(second.amount) / 100}", "reason": "Asked for it"}
    look = staff.post(reverse("business_refund", args=[second.pk]), whole, follow=True)
    assert "The plan of before is open again" in text(look)
    assert overview(desk_words()).began == 0, "who changed the plan in May began in March"
    assert text(staff.get(reverse("business_subscriptions"))).count("31 March 2026") == 1
