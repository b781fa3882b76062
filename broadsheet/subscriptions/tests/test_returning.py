"""Back from the payment: thanks, patience, or the offer; access by the gateway's word only."""

from dataclasses import replace
from datetime import UTC, datetime

import lxml.html
import pytest
from django.test import Client

from broadsheet.desk.models import Article, Section
from broadsheet.kit import clock
from broadsheet.ledger.models import Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import GOOD, buy, text
from broadsheet.subscriptions.tests.journal_cast import report
from tests.cast import ada, ben


@pytest.fixture
def reader(till, plan, travel):
    return ben()


def back(checkout, way="return"):
    return f"/subscribe/{way}/{checkout.key}/"


def test_thanks_say_what_was_bought_until_when_and_lead_back(till, plan, reader, browser, travel):
    Section.objects.get_or_create(slug="world", defaults={"title": "World"})
    article = report("Cranes by night", first_published_at=clock.now())
    checkout = actions.open_checkout(till, reader, plan.current, article.path)
    till.pay(checkout.ref, GOOD)
    answer = browser.get(back(checkout))
    assert answer.status_code == 200
    assert "refresh" not in answer.headers
    page = text(answer)
    for said in ("Thank you", "<strong>Quarterly</strong> is paid until",
                 "<strong>30 June 2026</strong>", "₹900 on 30 June 2026",
                 f"A receipt is on its way to {reader.email}", "/account/invoices/2026-000001/",
                 f'href="{article.path}"', f"Read on: {article.shown_headline}"):  # fmt: skip
        assert said in page
    assert "pass" in answer.cookies
    assert "Thank you" in text(browser.get(back(checkout))), "and again when it is loaded again"
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    browser.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    assert "To the front page" in text(browser.get(back(checkout))), "paid again, months later"
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("wanted", "words"),
    [("", "To the front page"), ("/search?q=x", "Back to where you were"),
     ("/2026/01/01/withdrawn", "Back to where you were")],
)  # fmt: skip
def test_other_pages_are_led_back_to_as_well(till, plan, reader, browser, wanted, words):
    checkout = buy(till, reader, plan, next_=wanted).checkout
    page = text(browser.get(back(checkout)))
    assert words in page
    assert f'href="{wanted or "/"}"' in page
    assert not Article.objects.exists()


def test_a_payment_that_is_not_confirmed_waits_and_opens_nothing(till, plan, reader, browser):
    checkout = actions.open_checkout(till, reader, plan.current, "/a")
    answer = browser.get(back(checkout))
    assert (answer.status_code, answer.headers["refresh"]) == (200, "4")
    assert "has not confirmed your payment yet" in text(answer)
    assert not entitlements(reader, clock.now())
    till.pay(checkout.ref, GOOD)
    assert "Thank you" in text(browser.get(back(checkout)))


def test_after_a_while_it_asks_less_often(till, plan, reader, browser, travel):
    checkout = actions.open_checkout(till, reader, plan.current, "/a")
    travel.shift(700)
    assert browser.get(back(checkout)).headers["refresh"] == "30"


def test_a_silent_gateway_is_asked_again(till, plan, reader, browser, monkeypatch):
    checkout = buy(till, reader, plan).checkout

    def silent(ref):
        raise GatewaySilent("down")

    monkeypatch.setattr(till, "look_up", silent)
    answer = browser.get(back(checkout))
    assert (answer.status_code, answer.headers["refresh"]) == (503, "4")
    assert "does not answer yet" in text(answer)


def test_whoever_left_without_paying_sees_the_offer_again(till, plan, reader, browser):
    checkout = actions.open_checkout(till, reader, plan.current, "/a")
    answer = browser.get(back(checkout, "left"))
    assert answer.headers["location"] == "/subscribe/quarterly/?next=/a"
    till.gateway.cancel(checkout.ref)
    assert browser.get(back(checkout)).headers["location"] == "/subscribe/quarterly/?next=/a"
    assert Checkout.objects.get().state == "left"


def test_who_is_signed_in_with_another_account_is_told_so_and_may_change(till, plan, reader):
    checkout = buy(till, reader, plan).checkout
    other = Client()
    other.force_login(ada(), backend="django.contrib.auth.backends.ModelBackend")
    answer = other.get(back(checkout))
    assert answer.status_code == 403
    assert "This was paid with another account. You are signed in as" in text(answer)
    assert reader.email not in text(answer)
    form = lxml.html.fromstring(answer.content).forms[-1]
    left = other.post(form.action, dict(form.fields))
    here = f"%2Fsubscribe%2Freturn%2F{checkout.key}%2F"
    assert left.headers["location"] == f"/accounts/login/?next={here}"


def test_while_no_gateway_is_connected_nobody_is_told_that_something_does_not_fit(
    till, plan, reader, browser, settings
):
    checkout = buy(till, reader, plan).checkout
    settings.ENV = replace(settings.ENV, payments_url="")
    answer = browser.get(back(checkout))
    assert answer.status_code == 503
    assert "Something does not fit" not in text(answer)


def test_thanks_are_for_the_reader_who_paid(till, plan, reader):
    checkout = buy(till, reader, plan).checkout
    answer = Client().get(back(checkout))
    here = f"%2Fsubscribe%2Freturn%2F{checkout.key}%2F"
    assert answer.headers["location"] == f"/accounts/login/?next={here}"
