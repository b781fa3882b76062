"""The paper over Stripe: a real provider on a socket, the server of the tests behind it."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import time_machine
from django.test import Client

from broadsheet.ledger import gateways
from broadsheet.ledger.tests.stripe.server import Server
from broadsheet.ledger.tests.stripe.world import KEY, OLDER, SECRET, body_of, sign
from broadsheet.subscriptions import actions, checks

ADDRESS = "/webhooks/stripe/"
BEGIN = datetime(2026, 3, 31, 10, tzinfo=UTC)


class Shop:
    """Levers of the whole: both clocks, the hosted pages, and the webhooks on their way."""

    def __init__(self, server, provider, traveller):
        self.server, self.world, self.provider = server, server.world, provider
        self._traveller, self._told = traveller, 0

    def move_to(self, at):
        """Both clocks go on; Stripe's webhooks arrive, and the worker does its turn."""
        self._traveller.move_to(at)
        self.server.move_to(at)
        self.work()

    def work(self):
        self.deliver()
        actions.take_events()
        actions.ask_again()
        actions.end_due()

    def deliver(self):
        """Every webhook that was not delivered yet; the statuses of the answers."""
        fresh, self._told = self.world.events[self._told :], len(self.world.events)
        return [self.post(event).status_code for event in fresh]

    def post(self, event, *secrets, at=None, body=None, **headers):
        """One webhook as Stripe sends it, signed at `at`, Unix seconds."""
        data = body_of(event) if body is None else body
        header = sign(data, *(secrets or (SECRET,)), at=at or self.world.now)
        sent = headers or {"HTTP_STRIPE_SIGNATURE": header}
        return Client().post(ADDRESS, data, content_type="application/json", **sent)

    def buy(self, reader, plan, card="good"):
        """A reader's way through checkout; what settling says when it comes back."""
        checkout = actions.open_checkout(self.provider, reader, plan.current, "/")
        done = self.server.pay(checkout.ref, card)
        settled = actions.settle(self.provider, checkout.ref)
        return SimpleNamespace(checkout=checkout, done=done, settled=settled)


@pytest.fixture
def shop(paper, settings):
    """Stripe in force, by its address alone. In the end the books must balance."""
    with time_machine.travel(BEGIN, tick=False) as traveller:
        server = Server(BEGIN)
        address = f"stripe://{KEY}:{SECRET},{OLDER}@127.0.0.1:{server.port}"
        settings.ENV = replace(settings.ENV, payments_url=address)
        provider = gateways.gateway()
        yield Shop(server, provider, traveller)
        assert [str(problem) for problem in checks.everything()] == []
        provider.close()
        server.close()
        gateways._made.cache_clear()
