"""Webhooks of Razorpay: signed, of the right time, and about something that can be asked for."""

import json

import pytest

from broadsheet.ledger.providers.base import BadSignature
from broadsheet.ledger.tests.razorpay import knobs

HOUR = 3600


@pytest.fixture
def paid(provider, server, order):
    ref = provider.open_checkout(order).ref
    knobs.pay(server.account, ref)
    return ref


def test_a_signed_webhook_names_its_event_and_what_to_ask_about(provider, server, paid):
    body, headers = server.webhook()
    told = provider.verify(headers, body, now=server.account.now)
    assert (told.event, told.kind, told.ref) == (
        headers["x-razorpay-event-id"], "subscription.charged", paid,
    )  # fmt: skip


def test_payments_refunds_and_disputes_lead_to_the_subscription(provider, server, paid):
    charge = provider.look_up(paid).charges[0].ref
    knobs.dispute(server.account, charge)
    provider.refund(charge, 100, key="refund-key-1")
    for number in range(len(server.account.events)):
        body, headers = server.webhook(number)
        told = provider.verify(headers, body, now=server.account.now)
        assert provider.look_up(told.ref).ref == paid


def test_case_09_both_secrets_count_while_one_is_exchanged(provider, server, paid):
    body, headers = server.webhook(secret="older-secret")
    assert provider.verify(headers, body, now=server.account.now).ref == paid


@pytest.mark.parametrize("case", ["none", "wrong", "letters", "other secret", "changed", "again"])
def test_case_07_and_10_what_razorpay_did_not_sign_is_refused(provider, server, paid, case):
    body, headers = server.webhook(
        secret="nobody's" if case == "other secret" else "webhook-secret"
    )
    signature = headers["x-razorpay-signature"]
    if case == "none":
        del headers["x-razorpay-signature"]
    elif case == "wrong":
        headers["x-razorpay-signature"] = signature[:-1] + "10"[signature[-1] == "1"]
    elif case == "letters":
        headers["x-razorpay-signature"] = "ä" * 64
    elif case == "changed":
        body = body.replace(b"captured", b"refunded")
    elif case == "again":
        body = json.dumps(json.loads(body)).encode()
    with pytest.raises(BadSignature):
        provider.verify(headers, body, now=server.account.now)


def test_a_late_delivery_counts_for_as_long_as_razorpay_makes_one(provider, server, paid):
    body, headers = server.webhook()
    now = server.account.now
    for late in (0, 300, 24 * HOUR, 7 * 24 * HOUR):
        assert provider.verify(headers, body, now=now + late).ref == paid
    for wrong in (9 * 24 * HOUR, -301):
        with pytest.raises(BadSignature):
            provider.verify(headers, body, now=now + wrong)


def test_case_11_an_event_of_another_kind_asks_for_nothing(provider, server, paid):
    server.account.tell("settlement.processed", settlement={"id": "setl_1", "amount": 1})
    body, headers = server.webhook()
    assert provider.verify(headers, body, now=server.account.now).ref == ""


def test_without_a_name_an_event_is_known_by_its_body(provider, server, paid):
    body, headers = server.webhook()
    names = set()
    for name in ("", "a b", "x" * 200):
        given = headers | {"x-razorpay-event-id": name}
        names.add(provider.verify(given, body, now=server.account.now).event)
    assert len(names) == 1


@pytest.mark.parametrize("body", [b"{}", b"[]", b"no json", b'{"event":"a","created_at":"x"}'])
def test_a_signed_body_that_is_no_event_is_refused(provider, server, body):
    import hashlib
    import hmac

    mac = hmac.new(b"webhook-secret", body, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature):
        provider.verify({"x-razorpay-signature": mac}, body, now=0)
