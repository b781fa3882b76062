"""A reader's screen in the desk: found by address or name, told whole, explained."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import (
    Grant,
    Institution,
    PartnerBenefit,
    Plan,
    Seat,
    Subscription,
)
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy, terms
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries, subscriber
from broadsheet.subscriptions.tests.gift_cast import bought, redeemed
from tests.cast import ada

LIST = "business_readers"


def screen(client, reader):
    """The page without the desk's menu."""
    text = page(client, reverse("business_reader", args=[reader.pk]))
    return " ".join(text.partition("<main")[2].split())


@pytest.fixture
def client(till, plan, travel):
    return publisher()


@pytest.fixture
def rosa(till, plan, travel):
    return User.objects.create_user("rosa@lantern.example", first_name="Rosa", last_name="Lind")


def test_readers_are_found_by_address_and_name_also_without_a_subscription(client, till, plan):
    rosa = User.objects.create_user("r1@lantern.example", first_name="Rosa", last_name="Lind")
    subscriber(till, plan, "sami@lantern.example")

    def who(query):
        text = page(client, reverse(LIST), q=query).partition("<main")[2]
        return [name for name in ("r1", "sami") if f"{name}@lantern" in text]

    assert who("") == ["r1", "sami"]
    assert who("lind ROSA") == who("r1@") == ["r1"]
    assert who("sami") == ["sami"]
    assert "No account fits." in page(client, reverse(LIST), q="nobody\0")
    assert reverse("business_reader", args=[rosa.pk]) in page(client, reverse(LIST), q="r1")


def test_the_list_needs_as_many_queries_for_many_readers_as_for_few(client, till, plan):
    counts = []
    for upto in (3, 12):
        for n in range(Subscription.objects.count(), upto):
            subscriber(till, plan, f"reader{n}@lantern.example")
        counts.append(queries(client, reverse(LIST)))
    assert counts[0] == counts[1]


def test_a_reader_without_anything_is_told_so(client, rosa):
    text = screen(client, rosa)
    assert "What is free, and nothing more" in text
    assert "This reader never subscribed." in text
    assert "Account made" in text
    assert "not used" in text


def test_two_subscriptions_and_all_their_money_in_one_timeline_the_newest_first(
    rosa, till, plan, travel
):
    first = buy(till, rosa, plan, ONCE).settled.subscription
    for day in (1, 2, 3, 9):
        travel.move_to(datetime(2026, 7, day, 11, tzinfo=UTC))
        till.gateway.run_due()
        actions.ask_again()
        actions.end_due()
    second = buy(till, rosa, plan, GOOD).settled.subscription
    actions.refund(till, second.periods.get().payment, "Moved house", ada())
    text = screen(publisher(), rosa)
    for one in (first, second):
        assert reverse("business_subscription", args=[one.pk]) in text
    told = [
        "₹900 given back", "Refund of ₹900 ordered", "A charge of ₹900 failed",
        "2026-000001", "Account made",
    ]  # fmt: skip
    places = [text.index(words, text.index("What happened")) for words in told]
    assert places == sorted(places)
    assert "Moved house" in text
    assert "2026-000002" in text


def full(till, reader, name):
    """One more of each kind of thing that can happen to a reader."""
    plan = Plan.objects.create(slug=f"plan-{name}", name=f"Plan {name}")
    actions.set_terms(plan, terms(count=1, seats=3))
    family = subscriber(till, plan, f"owner-{name}@lantern.example")
    Seat.objects.create(subscription=family, reader=reader, left_at=clock.now(), why=Seat.REMOVED)
    alone = Plan.objects.create(slug=f"alone-{name}", name=f"Alone {name}")
    actions.set_terms(alone, terms())
    bought(till, alone, buyer=reader)
    redeemed(bought(till, alone), reader)
    benefit = PartnerBenefit.objects.create(
        partner="Film", title=f"Films {name}", entitlement="premium", kind="codes"
    )
    benefit.claims.create(reader=reader, ended_at=clock.now())
    house = Institution.objects.create(
        name=f"Library {name}", domains=f"{name}.example", entitlements=["premium"]
    )
    Grant.objects.create(
        reader=reader, entitlement="premium", source="institution", institution=house
    )
    actions.give_access(
        reader, ["premium"], clock.now(), None, by=ada(), reason=f"Thanks {name}",
        decided_by="Pia",
    )  # fmt: skip


def test_everything_else_is_told_too(client, rosa, till):
    full(till, rosa, "one")
    text = screen(client, rosa)
    for words in (
        "Took a seat", "Seat ended", "Group of owner-one@lantern.example", "Gift: Alone one",
        "Redeemed", "Films one", "Partner benefit ended", "Library one", "Thanks one",
        "given by ada", "decided by Pia", "Complimentary access given",
    ):  # fmt: skip
        assert words in text, words


def test_it_needs_as_many_queries_for_much_as_for_little(client, rosa, till, plan):
    buy(till, rosa, plan)
    counts = []
    for name in ("one", "two", "three"):
        full(till, rosa, name)
        counts.append(queries(client, reverse("business_reader", args=[rosa.pk])))
    assert counts[0] == counts[1] == counts[2]


def test_each_right_says_where_it_comes_from(client, rosa, till, plan):
    subscription = buy(till, rosa, plan).settled.subscription
    Grant.objects.create(
        reader=rosa, entitlement="archive", valid_from=clock.now() + timedelta(days=3)
    )
    over = Grant.objects.create(reader=rosa, entitlement="gone", valid_until=clock.now())
    text = screen(client, rosa)
    head = text[text.index("and why") : text.index("What happened")]
    assert f'<a href="{reverse("business_subscription", args=[subscription.pk])}">paid' in head
    assert "to come" in head
    assert over.entitlement not in head


def test_a_trial_that_was_used_is_named(client, rosa, till):
    plan = Plan.objects.create(slug="tried", name="Tried")
    actions.set_terms(plan, terms(trial_days=14))
    buy(till, rosa, plan)
    text = screen(client, rosa)
    assert "Tried, begun on 31 March 2026" in text
    assert "in the trial until" in text


def test_other_screens_lead_to_it(client, rosa, till, plan):
    subscription = buy(till, rosa, plan).settled.subscription
    gift = bought(till, plan, buyer=rosa)
    link = f'href="{reverse("business_reader", args=[rosa.pk])}"'
    for address in (
        reverse("business_subscriptions"),
        reverse("business_subscription", args=[subscription.pk]),
        reverse("business_gift", args=[gift.pk]),
        reverse("business_payments"),
        f"{reverse('business_decisions')}?q={rosa.email}",
    ):
        assert link in page(client, address), address
    assert reverse("business_gift", args=[gift.pk]) in page(client, reverse("business_payments"))


def test_who_may_only_see_decisions_sees_no_money(rosa, till, plan):
    buy(till, rosa, plan)
    carl = clerk("subscriptions.view_gatedecision")
    address = reverse("business_reader", args=[rosa.pk])
    assert carl.get(address).status_code == 302
    assert address not in page(carl, reverse("business_decisions"), q=rosa.email)


def test_who_sees_subscriptions_neither_refunds_nor_gives(rosa, till, plan):
    buy(till, rosa, plan)
    Grant.objects.create(reader=rosa, entitlement="premium")
    text = screen(clerk("subscriptions.view_subscription"), rosa)
    for words in ("Refund…", "Revoke…", "Give complimentary access", "Why stopped?"):
        assert words not in text, words
