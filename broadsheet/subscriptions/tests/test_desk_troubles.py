"""Money that went wrong, at the desk: who is in grace, what banks hold, and who was told."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from broadsheet.accounts.models import Mail
from broadsheet.ledger.models import Dispute, Payment
from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, Subscription
from broadsheet.subscriptions.tests.conftest import DECLINED, ONCE, terms
from broadsheet.subscriptions.tests.desk_cast import clerk, page, publisher, queries, subscriber

FAILED, DISPUTES = "business_failed", "business_disputes"
RENEWAL = datetime(2026, 6, 30, 11, tzinfo=UTC)


@pytest.fixture
def client(till, plan, travel):
    return publisher()


def settled(till):
    for ref in Subscription.objects.values_list("ref", flat=True):
        actions.settle(till, ref)


def overdue(till, plan, travel, count=1):
    """Readers whose first renewal fails."""
    for n in range(count):
        subscriber(till, plan, f"tove{n}@lantern.example", ONCE)
    travel.move_to(RENEWAL)
    till.gateway.run_due()
    settled(till)


def disputed(till, travel, email="rosa@lantern.example"):
    ref = till.gateway.open_dispute(Payment.objects.get(reader__email=email).ref, fee=1500)
    settled(till)
    return ref


def subjects(to):
    return list(Mail.objects.filter(to=to).order_by("pk").values_list("subject", flat=True))


def rows(client, name):
    answer = client.get(reverse(name))
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(answer.content.decode().splitlines()))


def test_without_troubles_the_screens_say_so(client):
    assert "nobody is in grace" in page(client, reverse(FAILED))
    assert "No bank has taken a payment back." in page(client, reverse(DISPUTES))
    assert "Nobody is in this state." in page(client, reverse(FAILED), state="lapsed")
    assert "No dispute fits." in page(client, reverse(DISPUTES), state="won")


def test_who_is_in_grace_stands_with_tries_mail_and_end(till, plan, travel):
    overdue(till, plan, travel)
    client = publisher()
    text = page(client, reverse(FAILED))
    for words in ("tove0@lantern.example", "₹900", "30 June 2026", "tried again", "7 July 2026"):
        assert words in text, words
    assert ">1<div" in text.replace("\n", ""), "one try"
    assert "on its way" in text
    Mail.objects.update(sent_at=RENEWAL)
    assert "sent on 30 June 2026" in page(client, reverse(FAILED))
    assert "Nobody is in this state." in page(client, reverse(FAILED), state="given_up")
    assert reverse(FAILED) in page(client, reverse("business"))


def test_who_lapsed_unpaid_is_found(till, plan, travel):
    overdue(till, plan, travel)
    travel.shift(timedelta(days=30))
    till.gateway.run_due()
    actions.end_due()
    client = publisher()
    assert "nobody is in grace" in page(client, reverse(FAILED))
    text = page(client, reverse(FAILED), state="lapsed")
    assert "tove0@lantern.example" in text
    assert "ended, unpaid" in text


def test_failed_charges_as_a_file(till, plan, travel):
    overdue(till, plan, travel)
    line = rows(publisher(), "business_failed_export")[0]
    assert (line["reader"], line["amount"], line["tries"]) == (
        "tove0@lantern.example",
        "900.00",
        "1",
    )
    assert (line["since"], line["ends"]) == ("2026-06-30", "2026-07-07")


def test_the_first_charge_after_a_trial_stands_with_tries_mail_and_end(till, plan, travel):
    free = Plan.objects.create(slug="monthly", name="Monthly")
    actions.set_terms(free, terms(price=30000, count=1, trial_days=14))
    tried = subscriber(till, free, "tove0@lantern.example")
    till.gateway.set_card(tried.ref, read_number(DECLINED))
    travel.move_to(tried.trial_ends + timedelta(hours=1))
    till.gateway.run_due()
    settled(till)
    text = page(publisher(), reverse(FAILED))
    for words in ("₹300", "14 April 2026", "on its way"):
        assert words in text, words
    line = rows(publisher(), "business_failed_export")[0]
    assert (line["tries"], line["since"], line["ends"]) == ("1", "2026-04-14", "2026-04-21")
    assert line["last_try"]
    assert line["problem"]


def test_an_open_dispute_stands_with_its_deadline_and_what_became_of_access(
    client, till, plan, travel
):
    subscriber(till, plan, "rosa@lantern.example")
    disputed(till, travel)
    text = page(client, reverse(DISPUTES))
    for words in ("open", "rosa@lantern.example", "₹900", "₹15", "evidence until 7 April 2026",
                  "Access ended."):  # fmt: skip
        assert words in text, words
    overview = page(client, reverse("business"))
    assert "Open disputes" in overview
    assert reverse(DISPUTES) in overview
    story = reverse("business_subscription", args=[Subscription.objects.get().pk])
    assert story in text
    assert "bank took ₹900 back" in page(client, story)


def test_open_disputes_come_first_and_decided_ones_are_filtered(client, till, plan, travel):
    for name in ("anna", "bela", "cleo"):
        subscriber(till, plan, f"{name}@lantern.example")
    for name, outcome in (("anna", ""), ("bela", "won"), ("cleo", "lost")):
        travel.shift(timedelta(hours=1))
        ref = disputed(till, travel, f"{name}@lantern.example")
        if outcome:
            till.gateway.end_dispute(ref, outcome)
    settled(till)
    text = page(client, reverse(DISPUTES))
    assert text.index("anna@") < text.index("cleo@") < text.index("bela@")
    won = page(client, reverse(DISPUTES), state="won")
    assert "bela@" in won
    assert "anna@" not in won
    assert "Open until 30 June 2026." in won
    lines = rows(client, "business_disputes_export")
    assert [line["state"] for line in lines] == ["open", "lost", "won"]
    assert lines[0]["evidence_until"] == "2026-04-07"
    assert (lines[0]["amount"], lines[0]["fee"]) == ("900.00", "15.00")


def test_reader_and_publisher_are_told_of_a_dispute_and_of_how_it_ends(client, till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    ref = disputed(till, travel)
    settled(till)
    mine, theirs = subjects("rosa@lantern.example"), subjects("pia@lantern.example")
    assert [s for s in mine if "bank" in s] == ["Your bank took ₹900 back"]
    assert theirs == ["A bank took ₹900 back"]
    alarm = Mail.objects.get(to="pia@lantern.example")
    for text in (alarm.text, alarm.html):
        assert "The gateway takes evidence until 7 April 2026" in " ".join(text.split())
    till.gateway.end_dispute(ref, "won")
    settled(till)
    assert subjects("rosa@lantern.example")[-1] == "Your bank has decided: Quarterly"
    won = Mail.objects.filter(to="rosa@lantern.example").latest("pk")
    assert "open again until 30 June 2026" in " ".join(won.text.split())
    settled(till)
    assert len(subjects("rosa@lantern.example")) == len(mine) + 1


def test_one_that_is_won_before_we_hear_of_it_alarms_no_reader(client, till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    ref = till.gateway.open_dispute(Payment.objects.get().ref)
    till.gateway.end_dispute(ref, "won")
    settled(till)
    assert Dispute.objects.count() == 2
    assert not [s for s in subjects("rosa@lantern.example") if "bank" in s]
    assert subjects("pia@lantern.example") == ["A bank took ₹900 back"]


@pytest.mark.parametrize("name", [FAILED, DISPUTES])
def test_the_screens_need_as_many_queries_for_many_as_for_few(till, plan, travel, name):
    counts = []
    for upto in (2, 8):
        for n in range(Subscription.objects.count(), upto):
            subscriber(till, plan, f"r{n}@lantern.example")
        for payment in Payment.objects.filter(disputes=None):
            till.gateway.open_dispute(payment.ref, fee=1)
        settled(till)
        Subscription.objects.update(state=Subscription.PAST_DUE, end_reason="")
        counts.append(queries(publisher(), reverse(name)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", [FAILED, f"{FAILED}_export", DISPUTES, f"{DISPUTES}_export"])
def test_only_who_may_see_payments_sees_them(till, plan, travel, name):
    subscriber(till, plan, "rosa@lantern.example")
    disputed(till, travel)
    assert clerk("subscriptions.view_subscription").get(reverse(name)).status_code == 302


def test_a_clerk_of_payments_sees_no_way_to_the_readers_story(till, plan, travel):
    subscriber(till, plan, "rosa@lantern.example")
    disputed(till, travel)
    text = page(clerk("ledger.view_payment"), reverse(DISPUTES))
    assert "rosa@lantern.example" in text
    assert "/business/subscriptions/" not in text
