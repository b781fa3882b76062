"""A provider that speaks to Razorpay's server of the tests over a real socket."""

from datetime import UTC, datetime

import pytest
import time_machine

from broadsheet.kit.periods import Interval
from broadsheet.ledger.providers.base import Order
from broadsheet.ledger.providers.razorpay import Razorpay
from broadsheet.ledger.tests.razorpay import server as razorpay

BEGIN = datetime(2026, 3, 31, 10, tzinfo=UTC)


@pytest.fixture
def travel():
    with time_machine.travel(BEGIN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def server(travel):
    with razorpay.running(BEGIN.timestamp()) as running:
        yield running


@pytest.fixture
def account(server):
    return server.account


@pytest.fixture
def provider(server):
    secrets = (razorpay.WEBHOOK, "older-secret")
    return Razorpay(server.url, razorpay.KEY_ID, razorpay.KEY_SECRET, secrets)


@pytest.fixture
def order():
    return Order(
        key="key-0123456789abcdef", email="ben@example.org", amount=90000, currency="INR",
        interval=Interval("month", 3), zone="Asia/Kolkata", seller="The Lantern",
        description="Quarterly", language="en", return_url="https://paper.example/return/",
        cancel_url="https://paper.example/left/",
    )  # fmt: skip
