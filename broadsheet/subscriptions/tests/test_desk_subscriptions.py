"""Subscriptions in the desk: found by state, plan and reader, told from beginning to end."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from broadsheet.accounts.models import Mail, User
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.fakepay import Fakepay
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, terms
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, said, subscriber

LIST = "business_subscriptions"


@pytest.fixture
def client(till, plan, travel):
    return publisher()


def story(client, subscription):
    return page(client, reverse("business_subscription", args=[subscription.pk]))


def told(client, subscription):
    """The page without the desk's menu."""
    return story(client, subscription).partition("<main")[2]


def renewal(client, subscription, renews):
    address = reverse("business_renewal", args=[subscription.pk])
    return client.post(address, {"renews": renews}, follow=True)


def silence(monkeypatch):
    """From now on nobody listens where the gateway was."""
    silent = Fakepay("http://127.0.0.1:9", "key", "whsec")
    monkeypatch.setattr(gateways, "_made", lambda url: silent)


def test_the_list_is_filtered_by_state_plan_and_address(client, till, plan):
    weekly = Plan.objects.create(slug="weekly", name="Weekly")
    actions.set_terms(weekly, terms(unit="week", count=1))
    subscriber(till, plan, "rosa@lantern.example")
    leaving = subscriber(till, weekly, "sami@lantern.example")
    actions.set_renewal(leaving, renews=False)
    address = reverse(LIST)

    def who(**query):
        text = page(client, address, **query)
        return [name for name in ("rosa", "sami") if f"{name}@lantern" in text]

    assert who() == ["rosa", "sami"]
    assert who(state="active") == ["rosa"]
    assert who(state="leaving") == ["sami"]
    assert who(state="overdue") == who(state="ended") == []
    assert who(plan=weekly.pk) == ["sami"]
    assert who(q="ROSA") == ["rosa"]
    assert who(state="nonsense", plan="1 OR 1=1") == ["rosa", "sami"]


def test_a_filter_goes_along_to_the_next_page(client, till, plan):
    for n in range(51):
        subscriber(till, plan, f"reader{n}@lantern.example")
    text = page(client, reverse(LIST), state="active", q="reader")
    assert "?state=active&amp;q=reader&amp;p=2" in text
    second = page(client, reverse(LIST), state="active", q="reader", p=2)
    assert second.count("@lantern.example</a>") == 1


def test_the_list_needs_as_many_queries_for_many_readers_as_for_few(client, till, plan):
    counts = []
    for upto in (3, 30):
        for n in range(Subscription.objects.count(), upto):
            subscriber(till, plan, f"reader{n}@lantern.example")
        counts.append(queries(client, reverse(LIST)))
    assert counts[0] == counts[1]


def test_times_are_in_the_papers_zone(client, till, plan):
    text = story(client, subscriber(till, plan, "rosa@lantern.example"))
    assert "31 March 2026, 15:30" in text, "Kolkata; 10:00 in UTC"
    assert "paid until 30 June 2026, 15:30" in text


def test_the_story_tells_failure_recovery_and_end_in_order(till, plan, travel):
    bought = buy(till, User.objects.create_user("rosa@lantern.example"), plan, ONCE)
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    travel.move_to(datetime(2026, 7, 1, 15, tzinfo=UTC))
    till.pay(bought.checkout.ref, GOOD)
    actions.settle(till, bought.checkout.ref)
    actions.tell_gateway(till, actions.set_renewal(Subscription.objects.get(), renews=False))
    travel.move_to(datetime(2026, 10, 1, tzinfo=UTC))
    actions.end_due()
    text = story(publisher(), bought.settled.subscription)
    told = [
        "Checkout opened", "Paid ₹900", "2026-000001", "A charge of ₹900 failed",
        "2026-000002", "Renewal stopped", ">Ended<", "cancelled",
    ]  # fmt: skip
    places = [text.index(words, text.index("What happened")) for words in told]
    assert places == sorted(places)
    assert "ad_free" in text


def test_a_later_subscription_does_not_tell_the_failures_of_the_first(till, plan, travel):
    reader = User.objects.create_user("rosa@lantern.example")
    first = buy(till, reader, plan, ONCE).settled.subscription
    for day in (1, 2, 3, 9):
        travel.move_to(datetime(2026, 7, day, 11, tzinfo=UTC))
        till.gateway.run_due()
        actions.ask_again()
        actions.end_due()
    second, client = buy(till, reader, plan).settled.subscription, publisher()
    assert "failed" in told(client, first)
    assert "failed" not in told(client, second)


def test_staff_cancel_and_resume_for_the_reader(client, till, plan):
    subscription = subscriber(till, plan, "rosa@lantern.example")
    assert "Renewal is stopped." in said(renewal(client, subscription, "no"))
    assert not till.look_up(subscription.ref).renews
    assert Mail.objects.first().subject == "Cancelled: Quarterly"
    assert "Resume" in story(client, subscription)
    assert "The subscription goes on." in said(renewal(client, subscription, "yes"))
    assert till.look_up(subscription.ref).renews


def test_a_silent_gateway_is_told_later_and_staff_read_so(client, till, plan, monkeypatch):
    subscription = subscriber(till, plan, "rosa@lantern.example")
    silence(monkeypatch)
    assert "The gateway does not answer" in said(renewal(client, subscription, "no"))
    subscription.refresh_from_db()
    assert (subscription.renews, subscription.renews_told) == (False, True)


def test_what_has_ended_is_not_resumed(client, till, plan, travel):
    subscription = subscriber(till, plan, "rosa@lantern.example")
    renewal(client, subscription, "no")
    travel.move_to(datetime(2026, 8, 1, tzinfo=UTC))
    actions.end_due()
    client = publisher()
    assert "has ended" in said(renewal(client, subscription, "yes"))
    assert "Resume" not in story(client, subscription)


def test_a_mere_link_cancels_nothing(client, till, plan):
    subscription = subscriber(till, plan, "rosa@lantern.example")
    address = reverse("business_renewal", args=[subscription.pk])
    assert client.get(address, {"renews": "no"}).status_code == 405
    assert Subscription.objects.get().renews
