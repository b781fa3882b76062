"""A paper with a plan and a gateway: Fakepay's own engine, in this process."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client

from broadsheet.ledger import gateways
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.press_log.gathering import gathered
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Plan, PlanVersion

GOOD, DECLINED, ONCE = "4242424242424242", "4000000000000002", "4000000000000341"


@pytest.fixture
def till(paper, tmp_path, settings, monkeypatch):
    """The gateway in force. No network in between; the network has tests of its own."""
    gateway = Gateway(tmp_path / "fakepay.sqlite3", url="http://fakepay.example")
    provider = Direct(gateway, "whsec")
    settings.ENV = replace(settings.ENV, payments_url="fakepay://key:whsec@localhost:1")
    monkeypatch.setattr(gateways, "_made", lambda url: provider)
    yield provider
    gateway.close()


@pytest.fixture
def plan(paper):
    """Three months for 900.00 INR, 18 % tax inside."""
    with gathered():
        actions.make_entitlements()
        made = Plan.objects.create(slug="quarterly", name="Quarterly")
        actions.set_terms(made, terms())
    return made


def terms(**facts):
    base = {
        "price": 90000, "currency": "INR", "unit": "month", "count": 3, "tax_name": "GST",
        "tax_rate": 1800, "tax_included": True,
        "entitlements": ["unlimited", "premium", "ad_free"],
    }  # fmt: skip
    return PlanVersion(**base | facts)


@pytest.fixture
def travel():
    """Moves the clock of everybody; ends with the test."""
    with time_machine.travel("2026-03-31T10:00:00+00:00", tick=False) as traveller:
        yield traveller


@pytest.fixture
def browser(reader):
    """Signed in as the `reader` of the test."""
    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(answer):
    """What a page says, in one line."""
    return " ".join(answer.content.decode().split())


def buy(till, reader, plan, card=GOOD, next_="/2026/11/22/harbour"):
    """A reader's way through checkout; returns what settling says."""
    checkout = actions.open_checkout(till, reader, plan.current, next_)
    outcome = till.pay(checkout.ref, card)
    return SimpleNamespace(
        checkout=checkout, outcome=outcome, settled=actions.settle(till, checkout.ref)
    )
