"""The pages of a pause: the days before, what is after, in the account and at the desk."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.ledger.models import Difference, Payment
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions import comparing
from broadsheet.subscriptions.models import Pause, SalesPolicy, Subscription
from broadsheet.subscriptions.reads.pausing import ends_of
from broadsheet.subscriptions.tests.conftest import DECLINED, buy, terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher
from broadsheet.subscriptions.tests.stripe_cast import shop
from tests.cast import ben

__all__ = ["shop"]

WHERE, END = "/account/pause/", "/account/pause/end/"
PAID = datetime(2026, 6, 30, 10, tzinfo=UTC)
BACK = datetime(2026, 8, 31, 10, tzinfo=UTC)


@pytest.fixture
def reader(till, plan, travel):
    reader = ben()
    buy(till, reader, plan)
    travel.move_to(datetime(2026, 5, 15, 12, tzinfo=UTC))
    return reader


def signed_in(reader):
    """A browser; sessions end when nobody comes back."""
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def browser(reader):
    return signed_in(reader)


def text(answer):
    return " ".join(answer.content.decode().split())


def choose(browser, months):
    offered = browser.get(WHERE).context["offer"].lengths[months - 1]
    length = f"{months} {offered.until.astimezone(UTC).isoformat()}"
    return browser.post(WHERE, {"length": length}, follow=True)


def at(travel, till, moment):
    travel.move_to(moment)
    till.gateway.run_due()
    actions.ask_again()
    actions.begin_pauses()


def test_the_days_and_the_charge_stand_there_before(browser):
    said = text(browser.get(WHERE))
    for words in ("paid until <strong>30 June 2026", "1 month, until 31 July",
                  "2 months, until 31 August 2026",
                  "Then it goes on by itself, with a charge of ₹900",
                  "Pause from 30 June 2026", 'value="2 2026-08-31T10:00:00+00:00"'):  # fmt: skip
        assert words in said


def test_what_is_chosen_is_what_the_account_says(browser, reader, till, travel):
    said = text(choose(browser, 2))
    assert "The pause is planned. A mail confirms it." in said
    for words in ("You read on until <strong>30 June 2026", "paused until <strong>31 August 2026",
                  "Next charge: <strong>₹900", "Take the pause back", "Cancel the"):  # fmt: skip
        assert words in said
    assert "Change the plan" not in said
    at(travel, till, PAID + timedelta(days=1))
    browser = signed_in(reader)
    said = text(browser.get("/account/"))
    for words in ("Paused since 30 June 2026. Nothing is charged.", "Go on now and pay ₹900"):
        assert words in said
    said = text(browser.post(END, follow=True))
    assert "Your subscription goes on." in said
    assert "Next charge: <strong>₹900</strong> on <strong>1 October 2026" in said


def test_a_pause_is_taken_back_with_a_button(browser):
    choose(browser, 1)
    assert "The pause is taken back." in text(browser.post(END, follow=True))
    assert "There is no pause." in text(browser.post(END, follow=True))
    assert browser.get(END, follow=True).status_code == 200


def test_a_card_that_is_declined_on_the_way_back_is_said(browser, reader, till, travel):
    choose(browser, 2)
    at(travel, till, PAID + timedelta(days=1))
    till.gateway.set_card(Subscription.objects.get().ref, read_number(DECLINED))
    said = text(signed_in(reader).post(END, follow=True))
    assert "The charge failed. Below is what you can do." in said
    assert "with another card" in said


@pytest.mark.parametrize("length", ["", "x", "1", "9 2026-08-31T10:00:00+00:00", "1 nonsense"])
def test_nonsense_is_no_pause(browser, length):
    answer = browser.post(WHERE, {"length": length})
    assert answer.status_code == 409
    assert 'role="alert"' in text(answer)
    assert not Pause.objects.exists()


def test_days_that_were_not_shown_are_not_agreed_to(browser):
    answer = browser.post(WHERE, {"length": "1 2026-08-31T10:00:00+00:00"})
    assert "Nothing was changed" in text(answer)
    assert not Pause.objects.exists()


def test_nobody_is_offered_what_cannot_be(browser, reader, till, monkeypatch):
    SalesPolicy.objects.update_or_create(pk=1, defaults={"pause_months": 0})
    assert WHERE not in text(browser.get("/account/"))
    assert "cannot be paused" in text(browser.get(WHERE, follow=True))
    SalesPolicy.objects.update(pause_months=3)
    assert WHERE in text(browser.get("/account/"))
    monkeypatch.setattr(till, "can", frozenset({"once"}), raising=False)
    assert WHERE not in text(browser.get("/account/"))
    assert Client().get(WHERE).status_code == 302


def test_a_silent_gateway_is_said(browser, till, monkeypatch):
    def silent(*_args, **_options):
        raise GatewaySilent("gone")

    monkeypatch.setattr(till, "pause", silent)
    said = text(choose(browser, 2))
    assert "is not confirmed yet: we are asking the payment service" in said


def test_cancelling_in_a_pause_says_that_it_ends_now(browser, reader, till, travel):
    choose(browser, 2)
    at(travel, till, PAID + timedelta(days=1))
    browser = signed_in(reader)
    assert "is paused. If you cancel, it ends now" in text(browser.get("/account/cancel/"))
    browser.post("/account/cancel/")
    assert Subscription.objects.get().end_reason == Subscription.CANCELLED


def test_the_desk_lists_and_tells_it(browser, till, travel):
    choose(browser, 2)
    at(travel, till, PAID + timedelta(days=1))
    found = Subscription.objects.get()
    listed = page(publisher(), reverse("business_subscriptions") + "?state=paused")
    assert "ben@" in listed
    told = page(publisher(), reverse("business_subscription", args=[found.pk]))
    for words in ("Pause asked for", "Pause begun", "paused"):
        assert words in told


def test_paused_there_and_not_here_is_mended_at_night(browser, till, travel):
    choose(browser, 2)
    Subscription.objects.update(resumes_at=None)
    travel.move_to(datetime(2026, 5, 15, 23, 40, tzinfo=UTC))
    assert actions.compare()
    assert Difference.objects.get(kind="paused").mended_at is not None
    assert Subscription.objects.get().resumes_at == BACK
    assert comparing.compare() is False


def test_over_stripe_it_rests_and_goes_on(shop, plan):
    reader = ben()
    shop.buy(reader, plan)
    found = Subscription.objects.get()
    asked = actions.pause(shop.provider, found, 2, ends_of(found, 2))
    assert (asked.state, asked.until) == (Pause.PLANNED, BACK)
    shop.move_to(PAID + timedelta(days=1))
    actions.begin_pauses()
    assert Subscription.objects.get().state == Subscription.PAUSED
    shop.move_to(BACK + timedelta(hours=2))
    found = Subscription.objects.get()
    assert (found.state, Payment.objects.count()) == (Subscription.ACTIVE, 2)
    assert (found.periods.last().starts, found.anchor) == (BACK, BACK)
    shop.move_to(datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert Payment.objects.count() == 3
    assert [*checks.everything()] == []


def test_over_stripe_it_is_taken_back_and_ended_early(shop, plan):
    shop.buy(ben(), plan)
    found = Subscription.objects.get()
    actions.pause(shop.provider, found, 1, ends_of(found, 1))
    assert actions.resume_now(shop.provider, found).state == Pause.LEFT
    found = Subscription.objects.get()
    actions.pause(shop.provider, found, 1, ends_of(found, 1))
    shop.move_to(PAID + timedelta(days=2))
    assert actions.resume_now(shop.provider, Subscription.objects.get()).state == Pause.DONE
    found = Subscription.objects.get()
    assert (found.periods.last().starts, Payment.objects.count()) == (PAID + timedelta(days=2), 2)


def test_plans_and_price_list_say_that_it_rests_and_how_it_goes_on(browser, reader, till, travel):
    choose(browser, 2)
    refused = browser.get("/account/plan/", follow=True)
    assert refused.redirect_chain[-1][0] == "/account/"
    assert '<li class="warning">Your subscription is paused, or will be.' in text(refused)
    at(travel, till, PAID + timedelta(days=1))
    said = text(signed_in(reader).get("/subscribe/"))
    assert "Your subscription rests until 31 August 2026." in said
    assert "Go on now and pay ₹900" in said
    assert "/account/plan/" not in said


def test_while_first_prices_run_the_page_says_when_it_can_rest(shop, plan):
    reader = ben()
    facts = {"intro_price": 9900, "intro_periods": 2}
    actions.set_terms(plan, terms(price=30000, count=1, **facts))
    shop.buy(reader, plan)
    said = text(signed_in(reader).get(WHERE, follow=True))
    assert "first payments are at a lower price. You can pause after the last of them." in said
    shop.move_to(datetime(2026, 5, 1, tzinfo=UTC))
    found = Subscription.objects.get()
    assert actions.pause(shop.provider, found, 1, ends_of(found, 1)).state == Pause.PLANNED
    shop.move_to(datetime(2026, 7, 1, tzinfo=UTC))
    assert [p.amount for p in Payment.objects.order_by("pk")] == [9900, 9900, 30000]
