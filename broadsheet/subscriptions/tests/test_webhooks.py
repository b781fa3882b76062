"""Webhooks are stored, verified and taken up once; a bad one changes nothing."""

import json
import time

import pytest
from django.db import connection
from django.test import Client

from broadsheet.ledger.models import Delivery, Event, Invoice, Payment, Posting
from broadsheet.ledger.providers.fakepay.signing import sign
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Checkout, Subscription
from broadsheet.subscriptions.tests.conftest import GOOD
from tests.cast import ben

ADDRESS = "/webhooks/fakepay/"


def body(ref, event="evt_1", kind="charge.paid"):
    created = "2026-03-31T10:00:00+00:00"
    return json.dumps({"id": event, "type": kind, "ref": ref, "created": created}).encode()


def deliver(data, *, secret="whsec", at=None, **headers):
    """A delivery as the gateway makes it; `headers` replace its own."""
    headers = headers or signed(data, secret, at)
    return Client().post(ADDRESS, data, content_type="application/json", **headers)


def signed(data, secret="whsec", at=None):
    """The header that the gateway signs a delivery with."""
    return {"HTTP_FAKEPAY_SIGNATURE": sign((secret,), data, int(at or time.time()))}


def nothing_happened():
    return not any(m.objects.exists() for m in (Event, Payment, Invoice, Posting, Subscription))


@pytest.fixture
def paid(till, plan):
    """A checkout that is paid at the gateway and that nobody has told us of."""
    checkout = actions.open_checkout(till, ben(), plan.current, "")
    till.pay(checkout.ref, GOOD)
    return checkout


def test_case_04_a_signed_webhook_is_stored_raw_and_settled_by_the_worker(till, paid):
    data = body(paid.ref)
    assert deliver(data).status_code == 200
    delivery = Delivery.objects.get()
    assert bytes(delivery.body) == data
    assert not Payment.objects.exists(), "answered first, settled afterwards"
    assert actions.take_events() == 1
    assert Payment.objects.count() == Subscription.objects.count() == 1
    assert Event.objects.get().taken_at is not None
    assert actions.take_events() == 0


def test_case_01_the_same_event_twice_is_one_event(till, paid):
    for _ in range(2):
        assert deliver(body(paid.ref)).status_code == 200
    assert Event.objects.count() == 1
    actions.take_events()
    assert deliver(body(paid.ref)).status_code == 200
    assert actions.take_events() == 0
    assert Payment.objects.count() == 1


def test_two_events_about_one_payment_book_it_once(till, paid):
    deliver(body(paid.ref, "evt_1", "agreement.paid"))
    deliver(body(paid.ref, "evt_2", "charge.paid"))
    assert actions.take_events() == 2
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "case",
    ["bad", "missing", "empty", "garbage", "old", "future", "other secret", "changed body"],
)
def test_case_07_what_the_gateway_did_not_sign_is_refused(till, paid, case):
    data, now = body(paid.ref), time.time()
    good = sign(("whsec",), data, int(now))
    answer = {
        "bad": lambda: deliver(data, HTTP_FAKEPAY_SIGNATURE=good[:-1] + "10"[good[-1] == "1"]),
        "missing": lambda: deliver(data, HTTP_X_NOTHING="1"),
        "empty": lambda: deliver(data, HTTP_FAKEPAY_SIGNATURE=""),
        "garbage": lambda: deliver(data, HTTP_FAKEPAY_SIGNATURE="t=zwölf,v1=ü"),
        "old": lambda: deliver(data, at=now - 301),
        "future": lambda: deliver(data, at=now + 301),
        "other secret": lambda: deliver(data, secret="guess"),
        "changed body": lambda: deliver(data + b" ", HTTP_FAKEPAY_SIGNATURE=good),
    }[case]()
    assert answer.status_code == 400
    assert len(answer.content.decode().split(".")) >= 2, "a sentence"
    assert nothing_happened()
    assert Delivery.objects.get().problem
    assert actions.take_events() == 0
    assert Checkout.objects.get().state == "open"


def test_a_signed_body_that_is_no_event_is_refused(till, paid):
    for data in (b"", b"[]", b"{", b'{"id": 1}', b"\xff\xfe"):
        assert deliver(data).status_code == 400, data
    assert nothing_happened()


def test_refused_deliveries_never_fill_the_disk(till, monkeypatch):
    monkeypatch.setattr("broadsheet.ledger.actions.receiving.KEPT_REFUSED", 5)
    for n in range(9):
        assert deliver(b"x" * n, HTTP_FAKEPAY_SIGNATURE="no").status_code == 400
    assert Delivery.objects.count() == 5
    assert deliver(b"x" * 70_000, HTTP_FAKEPAY_SIGNATURE="no").status_code == 413


def test_another_gateway_is_not_known(till):
    assert Client().post("/webhooks/stripe/", b"{}", content_type="text/plain").status_code == 404
    assert Client().get(ADDRESS).status_code == 405


def test_case_13_a_foreign_object_is_left_alone(till, plan, caplog):
    from dataclasses import replace

    from broadsheet.ledger.providers.base import Order

    order = Order(
        key="not-ours", email="x@y.example", amount=90000, currency="INR",
        interval=plan.current.interval, zone="UTC", seller="Another shop", description="Shoes",
        language="en", return_url="http://shop.example", cancel_url="http://shop.example",
    )  # fmt: skip
    ref = till.open_checkout(replace(order)).ref
    till.pay(ref, GOOD)
    assert deliver(body(ref)).status_code == 200
    assert actions.take_events() == 0
    event = Event.objects.get()
    assert "no checkout of this paper" in event.problem
    assert event.taken_at is not None, "it is not asked about again"
    assert not Payment.objects.exists()


def test_an_object_the_gateway_does_not_know_is_noted(till, plan):
    deliver(body("agr_nothing"))
    assert actions.take_events() == 0
    assert Event.objects.get().problem


def test_a_silent_gateway_is_asked_again_later(till, paid, monkeypatch):
    from broadsheet.ledger.providers.base import GatewaySilent

    def silent(ref):
        raise GatewaySilent("no answer")

    deliver(body(paid.ref))
    with monkeypatch.context() as patched:
        patched.setattr(till, "look_up", silent)
        assert actions.take_events() == 0
    event = Event.objects.get()
    assert (event.taken_at, event.tries) == (None, 1)
    Event.objects.update(next_at=event.received_at)
    assert actions.take_events() == 1


def test_without_a_webhook_the_worker_finds_out_by_itself(till, paid):
    assert actions.ask_again() == 0, "the reader may still be at the payment"
    from datetime import timedelta

    from broadsheet.kit import clock

    Checkout.objects.update(made_at=clock.now() - timedelta(minutes=2))
    assert actions.ask_again() == 1
    assert Payment.objects.count() == 1


def test_what_is_answered_for_outlives_a_power_cut(paper):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL waits for the disk unless its own configuration says otherwise.")
    with connection.cursor() as cursor:
        full = cursor.execute("PRAGMA synchronous").fetchone()
    assert full == (2,), "FULL: the disk has it before the answer goes out (SQLite, pragma)"
