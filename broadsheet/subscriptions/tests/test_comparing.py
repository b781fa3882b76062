"""Every night the books are laid beside the gateway: what webhooks lost is mended, and told."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.urls import reverse

from broadsheet.accounts.models import Mail, User
from broadsheet.config import doctor
from broadsheet.kit import clock
from broadsheet.ledger.models import Comparison, Difference, Dispute, Payment, Refund
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.ledger.providers.fakepay import agreements
from broadsheet.ledger.tests.fakepay.cast import order
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.actions import comparing
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.conftest import GOOD, ONCE, buy
from broadsheet.subscriptions.tests.desk_cast import page, publisher, queries, subscriber
from tests.cast import ada, ben

NIGHT = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
"""Five in the morning in Kolkata, on the first of April."""
DAY = timedelta(days=1)
LOG = "business_gateway"
RENEWED = datetime(2026, 7, 1, 0, 30, tzinfo=UTC)


@pytest.fixture
def bought(till, plan, travel):
    User.objects.create_superuser("pia@lantern.example")
    return buy(till, ben(), plan)


@pytest.fixture
def compared(bought, travel):
    """The first night: all is well."""
    travel.move_to(NIGHT)
    assert actions.compare()
    assert not Difference.objects.exists()


def kinds(**which):
    return sorted(Difference.objects.filter(**which).values_list("kind", flat=True))


def mails(subject="brought in line"):
    return [mail for mail in Mail.objects.order_by("pk") if subject in mail.subject]


def said():
    out = StringIO()
    doctor.examine(out)
    return out.getvalue()


def all_is_well():
    return kinds(mended_at=None) == [] and [*checks.everything()] == []


def test_it_waits_for_the_night_and_is_done_once(bought, travel):
    travel.move_to(NIGHT - timedelta(seconds=1))
    assert not actions.compare()
    travel.move_to(NIGHT)
    assert actions.compare()
    assert not actions.compare()
    night = Comparison.objects.get()
    assert (night.looked, night.repaired, night.foreign, night.ended_at) == (1, 0, 0, NIGHT)
    assert mails() == mails("differ") == []
    assert "is compared with the gateway every night" not in page(publisher(), reverse(LOG))


def test_webhooks_and_worker_lost_for_a_week_are_made_up_for(compared, till, plan, travel):
    travel.move_to(RENEWED)
    till.gateway.run_due()
    late = actions.open_checkout(till, ada(), plan.current, "")
    till.pay(late.ref, GOOD)
    assert Payment.objects.count() == 1
    travel.shift(7 * DAY)
    assert actions.compare()
    assert Payment.objects.count() == 3
    assert kinds() == ["charge_missing", "charge_missing"]
    assert all_is_well()
    assert bool(entitlements(ada_again(), clock.now()))
    assert Comparison.objects.first().repaired == 2
    assert "2 differences between the gateway and the books" in " ".join(mails()[0].text.split())
    travel.shift(DAY)
    actions.compare()
    assert len(mails()) == 1, "told once"


def ada_again():
    return User.objects.get(email__startswith="ada")


def test_a_refund_made_in_the_gateways_own_pages_is_booked(compared, till, travel):
    till.refund(Payment.objects.get().ref, 90000, key="in its own pages")
    travel.shift(DAY)
    actions.compare()
    assert Refund.objects.get().amount == 90000
    assert kinds() == ["refund_missing"]
    assert Subscription.objects.get().end_reason == "refunded"
    assert all_is_well()


def test_a_renewal_stopped_in_the_gateways_own_pages_is_stopped_here(compared, till, travel):
    ref = Subscription.objects.get().ref
    till.set_renewal(ref, renews=False)
    travel.shift(DAY)
    actions.compare()
    subscription = Subscription.objects.get()
    assert (subscription.renews, subscription.renews_told) == (False, False)
    assert subscription.is_live, "paid to the end of the period"
    assert kinds() == ["stopped"]
    assert not till.look_up(ref).renews, "and is not resumed behind the publisher's back"
    assert any("cancel" in mail.subject.lower() for mail in Mail.objects.all())


def test_a_dispute_that_nobody_told_of_is_booked_and_decided(compared, till, travel):
    dispute = till.gateway.open_dispute(Payment.objects.get().ref, fee=1500)
    travel.shift(DAY)
    actions.compare()
    assert kinds() == ["dispute_missing", "fee_missing"]
    till.gateway.end_dispute(dispute, "won")
    travel.shift(DAY)
    actions.compare()
    assert list(Dispute.objects.values_list("step", flat=True)) == ["open", "won"]
    assert all_is_well()


def test_a_checkout_whose_answer_was_lost_is_found_by_its_key(compared, till, plan, travel):
    checkout = actions.open_checkout(till, ada(), plan.current, "")
    Checkout.objects.filter(pk=checkout.pk).update(ref=None, url="")
    till.pay(checkout.ref, GOOD)
    actions.ask_again()
    assert Payment.objects.count() == 1, "nobody else asks about it"
    travel.shift(DAY)
    actions.compare()
    assert Checkout.objects.get(pk=checkout.pk).ref == checkout.ref
    assert Payment.objects.count() == 2
    assert kinds() == ["charge_missing", "unlearned"]
    assert all_is_well()


def test_what_is_not_ours_on_a_shared_account_is_left_alone(compared, till, travel):
    foreign = till.open_checkout(order("another paper's"))
    till.pay(foreign.ref, GOOD)
    travel.shift(DAY)
    actions.compare()
    night = Comparison.objects.first()
    assert (night.foreign, night.repaired) == (1, 0)
    assert not Difference.objects.exists()
    assert Payment.objects.count() == 1


def test_what_runs_on_at_the_gateway_is_stopped_there(compared, till, travel):
    ended = Subscription.objects.get()
    ended.end(Subscription.CANCELLED)
    ended.renews_told, ended.heard_at = False, clock.now()
    ended.save()
    till.refund(Payment.objects.get().ref, 1, key="stirs it")
    travel.shift(DAY)
    actions.compare()
    assert not till.look_up(ended.ref).renews
    assert "runs_on" in kinds()
    assert kinds(mended_at=None) == []


def test_a_booking_that_the_gateway_does_not_know_is_told_until_it_is_mended(
    compared, till, travel
):
    book = till.gateway.book
    book.run("UPDATE charge SET ref = 'ch_other', amount = 80000")
    travel.shift(DAY)
    actions.compare()
    assert kinds(mended_at=None) == ["charge_missing", "charge_unknown"]
    mail = mails("gateway and the books differ")[0]
    assert mail.to == "pia@lantern.example"
    for text in (mail.text, mail.html):
        words = " ".join(text.split())
        assert "The books have a payment of ₹900" in words
        assert "The gateway has a payment of ₹800, ch_other; the books do not." in words
    assert "The payment gateway and the books differ in 2 places." in said()
    text = page(publisher(), reverse(LOG))
    assert "The reader's story" in text
    assert "ch_other" in text
    travel.shift(30 * DAY)
    actions.compare()
    assert len(kinds(mended_at=None)) == 2, "older than the window, and not forgotten"
    book.run("UPDATE charge SET ref = ?, amount = 90000", Payment.objects.get().ref)
    travel.shift(DAY)
    actions.compare()
    assert kinds(mended_at=None) == []
    assert "differ in" not in said()
    assert "mended on" in page(publisher(), reverse(LOG))


def test_another_amount_is_named_and_nothing_is_booked(compared, till, travel):
    till.gateway.book.run("UPDATE charge SET amount = 80000")
    till.gateway.set_renewal(Subscription.objects.get().ref, renews=False)
    travel.shift(DAY)
    actions.compare()
    row = Difference.objects.get(kind="charge_amount")
    assert (row.ours, row.theirs, row.mended_at) == (90000, 80000, None)
    assert "Nothing was booked" in row.problem
    assert Payment.objects.get().amount == 90000


def test_a_subscription_that_the_gateway_does_not_know_is_told(compared, till, travel):
    Subscription.objects.update(ref="agr_gone", heard_at=None)
    travel.shift(DAY / 2)
    Comparison.objects.all().delete()
    actions.compare()
    assert "gone" in kinds(mended_at=None)


def test_what_happened_a_moment_ago_is_left_to_its_webhook(bought, till, travel):
    travel.move_to(NIGHT)
    till.refund(Payment.objects.get().ref, 1, key="just now")
    actions.compare()
    assert not Difference.objects.exists()
    travel.shift(DAY)
    actions.compare()
    assert kinds() == ["refund_missing"]


def test_a_silent_gateway_is_asked_again_where_it_fell_silent(
    compared, till, plan, travel, monkeypatch
):
    monkeypatch.setattr(agreements, "PAGE", 2)
    for n in range(5):
        subscriber(till, plan, f"r{n}@lantern.example")
    real, asked = till.look_up, []

    def silent_after_three(ref):
        asked.append(ref)
        if len(asked) == 4:
            raise GatewaySilent("No answer.")
        return real(ref)

    travel.shift(DAY)
    monkeypatch.setattr(till, "look_up", silent_after_three)
    assert not actions.compare()
    assert not actions.compare(), "rests for some minutes"
    assert "No answer." in page(publisher(), reverse(LOG))
    travel.shift(comparing.SILENT)
    assert actions.compare()
    night = Comparison.objects.first()
    assert night.problem == ""
    assert len(asked) == 4 + 4, "the first page is not asked about again"


def test_a_comparison_that_was_killed_goes_on_where_it_was(
    compared, till, plan, travel, monkeypatch
):
    monkeypatch.setattr(agreements, "PAGE", 2)
    for n in range(3):
        subscriber(till, plan, f"r{n}@lantern.example")
    travel.shift(DAY)
    real, cursors = till.list_since, []

    def killed(since, cursor=""):
        cursors.append(cursor)
        if len(cursors) == 2:
            raise KeyboardInterrupt
        return real(since, cursor)

    monkeypatch.setattr(till, "list_since", killed)
    with pytest.raises(KeyboardInterrupt):
        actions.compare()
    assert not actions.compare(), "somebody may be at it"
    travel.shift(comparing.LEASE)
    assert actions.compare()
    assert cursors == ["", "2", "2", "4"]
    assert Comparison.objects.first().looked == 4


def test_one_that_cannot_be_worked_on_does_not_stop_the_others(
    compared, till, plan, travel, monkeypatch
):
    broken = Subscription.objects.get().ref
    late = actions.open_checkout(till, ada(), plan.current, "")
    till.pay(late.ref, GOOD)
    real = till.look_up

    def look_up(ref):
        if ref == broken:
            raise ValueError("an answer nobody expected")
        return real(ref)

    monkeypatch.setattr(till, "look_up", look_up)
    travel.shift(DAY)
    assert actions.compare()
    assert Payment.objects.count() == 2


def test_who_does_not_pay_is_overdue_here_too(till, plan, travel):
    buy(till, ben(), plan, ONCE)
    travel.move_to(NIGHT)
    actions.compare()
    travel.move_to(RENEWED)
    till.gateway.run_due()
    actions.compare()
    assert kinds() == ["overdue"]
    assert Subscription.objects.get().state == "past_due"
    assert kinds(mended_at=None) == []


def test_the_doctor_misses_a_worker_that_compares_nothing(bought, travel):
    assert "not compared" not in said()
    travel.shift(3 * DAY)
    assert "The books were not compared with the gateway since 2026-03-31." in said()
    actions.compare()
    assert "not compared" not in said()


def test_the_log_needs_as_many_queries_for_many_differences_as_for_few(bought):
    client, counts = publisher(), []
    for upto in (2, 20):
        for n in range(Difference.objects.count(), upto):
            Difference.objects.create(provider="fakepay", ref=f"agr_{n}", kind="ended")
        counts.append(queries(client, reverse(LOG)))
    assert counts[0] == counts[1]
