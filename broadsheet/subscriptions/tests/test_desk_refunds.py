"""Refunds in the desk: a page that says what follows, a reason, one refund."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.kit import clock
from broadsheet.ledger.actions import order_refund
from broadsheet.ledger.models import Invoice, Payment, Refund, RefundOrder
from broadsheet.subscriptions import actions, checks
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads import entitlements
from broadsheet.subscriptions.tests.desk_cast import page, publisher, said, subscriber
from broadsheet.subscriptions.tests.test_desk_subscriptions import silence
from tests.at_once import at_once


@pytest.fixture
def client(till, plan, travel):
    return publisher()


@pytest.fixture
def subscription(client, till, plan):
    return subscriber(till, plan, "rosa@lantern.example")


def looked(client, payment, amount="900.00", reason="Moved abroad"):
    """The second look."""
    address = reverse("business_refund", args=[payment.pk])
    return client.post(address, {"amount": amount, "reason": reason}, follow=True)


def confirm(client, payment, look):
    seal = re.search(r'name="seal" value="([^"]+)"', look.content.decode())[1]
    address = reverse("business_refund", args=[payment.pk])
    return client.post(address, {"seal": seal}, follow=True)


def give_back(client, payment, amount="900.00", reason="Moved abroad"):
    return confirm(client, payment, looked(client, payment, amount, reason))


def asked(client, payment):
    return looked(client, payment).content.decode()


def reads(reader):
    return bool(entitlements(reader, clock.now()))


def test_the_page_says_how_much_goes_back_and_what_follows(client, subscription):
    text = asked(client, Payment.objects.get())
    assert "<strong>₹900</strong> go back to <strong>rosa@lantern.example</strong>" in text
    assert "Access ends at once." in text
    assert "Renewal stops" in text
    assert "A credit note of ₹900, ₹137.29 of it tax." in text
    rows = re.findall(r"<tr>.*?</tr>", text, re.DOTALL)
    assert any("Paid, not earned yet" in row and "₹762.71" in row for row in rows)
    assert any("Held by Fakepay" in row and "₹900" in row for row in rows)
    assert not RefundOrder.objects.exists()


def test_a_refund_is_booked_and_told(client, subscription):
    answer = give_back(client, Payment.objects.get())
    assert "₹900 are on their way back" in said(answer)
    order = RefundOrder.objects.get()
    assert (order.reason, order.by.email) == ("Moved abroad", "pia@lantern.example")
    assert Subscription.objects.get().end_reason == "refunded"
    text = answer.content.decode()
    assert "Moved abroad (pia@lantern.example)" in text
    assert Refund.objects.get().invoice.label in text
    assert "Refund…" not in text


def test_without_a_reason_nothing_goes_back(client, subscription):
    text = looked(client, Payment.objects.get(), reason="  ").content.decode()
    assert "This field is required" in text
    assert not RefundOrder.objects.exists()


def test_twice_gives_back_once(client, subscription):
    payment = Payment.objects.get()
    give_back(client, payment)
    again = looked(client, payment)
    assert again.status_code == 409
    assert "given back already" in again.content.decode()
    assert Refund.objects.count() == RefundOrder.objects.count() == 1


def test_an_earlier_period_goes_back_without_ending_access(subscription, till, travel):
    travel.move_to(datetime(2026, 6, 30, 11, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    client, first = publisher(), Payment.objects.order_by("at").first()
    assert "Access goes on until 30 September 2026" in asked(client, first)
    give_back(client, first)
    assert Subscription.objects.get().state == "active"


def test_a_silent_gateway_is_told_later_and_access_goes_on(client, subscription, monkeypatch):
    silence(monkeypatch)
    answer = give_back(client, Payment.objects.get())
    assert "The gateway does not answer" in said(answer)
    assert "The gateway has not heard of it yet." in answer.content.decode()
    assert RefundOrder.objects.get().told_at is None
    assert Subscription.objects.get().is_live


def test_a_gateway_that_says_no_is_quoted(client, subscription, till):
    payment = Payment.objects.get()
    till.refund(payment.ref, payment.amount, key="in the gateway's own pages")
    answer = give_back(client, payment)
    assert "The gateway refused:" in said(answer)
    assert RefundOrder.objects.get().problem


def test_without_a_gateway_the_screen_says_so(client, subscription, settings):
    settings.ENV = type(settings.ENV)()
    assert "No payment gateway is connected." in said(give_back(client, Payment.objects.get()))
    assert not RefundOrder.objects.exists()


def test_another_site_cannot_refund(client, subscription):
    strict = Client(enforce_csrf_checks=True, headers={"x-forwarded-for": "127.0.0.1"})
    strict.cookies = client.cookies
    address = reverse("business_refund", args=[Payment.objects.get().pk])
    seal = re.search(r'value="([^"]+)"', looked(client, Payment.objects.get()).content.decode())
    assert strict.post(address, {"seal": seal[1]}).status_code == 403
    assert not RefundOrder.objects.exists()


def test_a_part_goes_back_and_access_stays(client, subscription):
    payment = Payment.objects.get()
    look = looked(client, payment, "300").content.decode()
    assert "access stays as it is" in look
    assert "₹45.76 of it tax" in look
    assert "₹300 are on their way" in said(give_back(client, payment, "300"))
    assert Subscription.objects.get().state == "active"
    assert reads(payment.reader)
    text = page(client, reverse("business_refund", args=[payment.pk]))
    assert "₹600 are left" in text
    assert [*checks.everything()] == []


def test_case_30_parts_again_and_again_and_never_more_than_was_paid(client, subscription):
    payment = Payment.objects.get()
    for amount in ("300", "299.99"):
        give_back(client, payment, amount)
    over = looked(client, payment, "300.02").content.decode()
    assert "That is more than is left of the payment." in over
    for wrong in ("0", "-1", "1,000", "nothing", "1.001", ""):
        assert "See what follows" in looked(client, payment, wrong).content.decode(), wrong
    assert RefundOrder.objects.count() == 2
    assert "Access ends at once." in looked(client, payment, "300.01").content.decode()
    give_back(client, payment, "300.01")
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [29999, 30000, 30001]
    notes = Invoice.objects.exclude(credits=None)
    assert sum(note.total for note in notes) == -90000
    assert sum(note.tax for note in notes) == -13729, "the parts are the whole"
    assert Subscription.objects.get().end_reason == "refunded"
    assert not reads(payment.reader)
    assert [*checks.everything()] == []


def test_case_31_a_refund_after_cancelling_ends_what_was_left(client, subscription, till, travel):
    actions.set_renewal(subscription, renews=False)
    actions.tell_gateway(till, Subscription.objects.get())
    payment = Payment.objects.get()
    assert reads(payment.reader)
    look = looked(client, payment, "100").content.decode()
    assert "Renewal was stopped." in look
    give_back(client, payment, "100")
    assert reads(payment.reader)
    give_back(client, payment, "800")
    assert not reads(payment.reader)
    subscription.refresh_from_db()
    assert (subscription.end_reason, subscription.renews) == ("refunded", False)
    travel.move_to(datetime(2026, 7, 1, tzinfo=UTC))
    till.gateway.run_due()
    actions.ask_again()
    assert Payment.objects.count() == 1, "nothing is charged again"
    assert [*checks.everything()] == []


def test_the_same_page_sent_twice_gives_back_once(client, subscription):
    payment = Payment.objects.get()
    look = looked(client, payment, "100")
    confirm(client, payment, look)
    again = confirm(client, payment, look)
    assert "sent twice; it was done once" in said(again)
    assert Refund.objects.get().amount == RefundOrder.objects.get().amount == 10000


def test_two_looks_at_one_payment_do_not_give_back_more_than_it(client, subscription):
    payment = Payment.objects.get()
    looks = [looked(client, payment, "600") for _ in range(2)]
    confirm(client, payment, looks[0])
    assert "Less is left" in said(confirm(client, payment, looks[1]))
    assert Refund.objects.get().amount == 60000


def test_what_has_changed_since_is_shown_once_more(client, subscription, travel):
    payment = Payment.objects.get()
    look = looked(client, payment, "600")
    travel.shift(timedelta(minutes=50))
    other = looked(client, payment, "300")
    confirm(client, payment, other)
    answer = confirm(client, payment, look)
    assert "Please look once more." in said(answer)
    assert "Access ends at once." in answer.content.decode()
    assert Refund.objects.get().amount == 30000
    confirm(client, payment, answer)
    assert Refund.objects.count() == 2


def test_a_look_of_yesterday_and_a_forged_one_do_nothing(client, subscription, travel):
    payment = Payment.objects.get()
    look = looked(client, payment, "600")
    address = reverse("business_refund", args=[payment.pk])
    forged = client.post(address, {"seal": "forged"}, follow=True)
    assert "shown too long ago" in said(forged)
    travel.shift(timedelta(hours=2))
    assert "shown too long ago" in said(confirm(client, payment, look))
    assert not RefundOrder.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_order(subscription):
    payment = Payment.objects.get()
    clicks = [lambda: order_refund(payment, 60000, "Asked", None, key="one page").pk] * 4
    assert len(set(at_once(*clicks))) == RefundOrder.objects.count() == 1
