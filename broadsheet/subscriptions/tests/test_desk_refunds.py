"""Refunds in the desk: a page that says what follows, a reason, one refund."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.ledger.models import Payment, Refund, RefundOrder
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.tests.desk_cast import page, publisher, said, subscriber
from broadsheet.subscriptions.tests.test_desk_subscriptions import silence


@pytest.fixture
def client(till, plan, travel):
    return publisher()


@pytest.fixture
def subscription(client, till, plan):
    return subscriber(till, plan, "rosa@lantern.example")


def give_back(client, payment, reason="Moved abroad"):
    address = reverse("business_refund", args=[payment.pk])
    return client.post(address, {"reason": reason}, follow=True)


def asked(client, payment):
    return page(client, reverse("business_refund", args=[payment.pk]))


def test_the_page_says_how_much_goes_back_and_what_follows(client, subscription):
    text = asked(client, Payment.objects.get())
    assert "<strong>₹900</strong> go back to <strong>rosa@lantern.example</strong>" in text
    assert "Access ends at once." in text
    assert "Renewal stops" in text
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
    text = give_back(client, Payment.objects.get(), "  ").content.decode()
    assert "This field is required" in text
    assert not RefundOrder.objects.exists()


def test_twice_gives_back_once(client, subscription):
    payment = Payment.objects.get()
    give_back(client, payment)
    again = give_back(client, payment)
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
    assert strict.post(address, {"reason": "Theirs"}).status_code == 403
    assert not RefundOrder.objects.exists()
