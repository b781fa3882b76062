"""Gateways on the bench: each behind the same few levers, so that one suite tests them all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from broadsheet.ledger.providers.fakepay.cards import read_number
from broadsheet.ledger.providers.fakepay.direct import Direct
from broadsheet.ledger.providers.fakepay.gateway import Gateway
from broadsheet.ledger.providers.fakepay.signing import sign as fakepay_sign
from broadsheet.ledger.providers.razorpay import Razorpay
from broadsheet.ledger.providers.stripe import connect
from broadsheet.ledger.tests.razorpay import knobs
from broadsheet.ledger.tests.razorpay import server as razorpay
from broadsheet.ledger.tests.stripe import paying
from broadsheet.ledger.tests.stripe.server import Server
from broadsheet.ledger.tests.stripe.world import KEY, SECRET, body_of
from broadsheet.ledger.tests.stripe.world import sign as stripe_sign

BEGIN = datetime(2026, 1, 31, 10, tzinfo=UTC)


NUMBERS = {
    "good": "4242424242424242", "declined": "4000000000000002", "once": "4000000000000341",
    "asks": "4000002760003184",
}  # fmt: skip


class FakepayBench:
    """Fakepay's engine in this process."""

    page = "broadsheet.ledger.providers.fakepay.agreements.PAGE"
    card_said, dispute_fee, webhook_age = "•••• 4242", 1500, 300
    says_when_decided = True

    def __init__(self, folder: Path, traveller):
        self.gateway = Gateway(folder / "bench.sqlite3", url="http://fakepay.example")
        self.provider, self._traveller = Direct(self.gateway, "whsec"), traveller

    def close(self):
        self.gateway.close()

    def move_to(self, at):
        self._traveller.move_to(at)
        self.gateway.run_due()

    def pay(self, ref, card="good"):
        return self.provider.pay(ref, NUMBERS[card], confirmed=True).kind == "paid"

    def pay_at(self, url, card="good"):
        return self.pay(url.rpartition("/")[2], card)

    def card(self, ref, card):
        self.gateway.set_card(ref, read_number(NUMBERS[card]))

    def change_card(self, url, card):
        return self.provider.change_card(url, NUMBERS[card], confirmed=True)

    def dispute(self, charge):
        return self.gateway.open_dispute(charge, fee=1500)

    def decide(self, dispute, state):
        self.gateway.end_dispute(dispute, state)

    def webhook(self, ref, *, secret="whsec", at):
        """Headers and body of a webhook about a checkout."""
        body = json.dumps({"id": "evt_1", "type": "charge.paid", "ref": ref}).encode()
        return {"fakepay-signature": fakepay_sign((secret,), body, int(at))}, body


class StripeBench:
    """Stripe's provider, over HTTP, at the server of the tests."""

    page = "broadsheet.ledger.providers.stripe.listing.PAGE"
    card_said, dispute_fee, webhook_age = "•••• 4242", 1500, 300
    says_when_decided = True

    def __init__(self, folder: Path, traveller):
        self.server = Server(BEGIN)
        address = f"stripe://{KEY}:{SECRET}@127.0.0.1:{self.server.port}"
        self.provider, self._traveller = connect(urlsplit(address)), traveller

    def close(self):
        self.provider.close()
        self.server.close()

    def move_to(self, at):
        self._traveller.move_to(at)
        self.server.move_to(at)

    def pay(self, ref, card="good"):
        return self.server.pay(ref, card)

    def pay_at(self, url, card="good"):
        return self.server.pay_invoice(url, card)

    def card(self, ref, card):
        self.server.world.cards[ref] = card

    def change_card(self, url, card):
        return self.server.set_up(url, card)

    def dispute(self, charge):
        world = self.server.world
        return paying.open_dispute(world, world.get(charge, "charge"))["id"]

    def decide(self, dispute, state):
        world = self.server.world
        paying.end_dispute(world, world.get(dispute, "dispute"), state)

    def webhook(self, ref, *, secret=SECRET, at):
        """Headers and body of the last webhook about a checkout."""
        events = [e for e in self.server.world.events if e["data"]["object"].get("customer") == ref]
        body = body_of(events[-1])
        return {"stripe-signature": stripe_sign(body, secret, at=at)}, body


class RazorpayBench:
    """Razorpay's provider, over HTTP, at the server of the tests."""

    page = "broadsheet.ledger.providers.razorpay.listing.PAGE"
    card_said, dispute_fee, webhook_age = "Visa 1111", 0, 8 * 24 * 3600
    says_when_decided = False

    def __init__(self, folder: Path, traveller):
        self._running = razorpay.running(BEGIN.timestamp())
        self.server = self._running.__enter__()
        self.account, self._traveller = self.server.account, traveller
        keys = (razorpay.KEY_ID, razorpay.KEY_SECRET, (razorpay.WEBHOOK,))
        self.provider = Razorpay(self.server.url, *keys)

    def close(self):
        self.provider.close()
        self._running.__exit__(None, None, None)

    def move_to(self, at):
        self._traveller.move_to(at)
        self.account.advance(at.timestamp())

    def pay(self, ref, card="good"):
        if self.account.get(ref)["status"] != "created":
            return False
        knobs.pay(self.account, ref, decline=DECLINED if card == "declined" else "")
        if card == "once":
            knobs.decline(self.account, ref)
        return card != "declined"

    def pay_at(self, url, card="good"):
        subs = self.account.of("subscription", short_url=url, status="pending")
        for sub in subs:
            knobs.change_card(self.account, sub["id"])
        return bool(subs)

    def card(self, ref, card):
        knobs.decline(self.account, ref, DECLINED if card == "declined" else "")

    def dispute(self, charge):
        return knobs.dispute(self.account, charge)["id"]

    def decide(self, dispute, state):
        knobs.decide(self.account, dispute, state)

    def webhook(self, ref, *, secret=razorpay.WEBHOOK, at):
        """Headers and body of the last webhook."""
        body, headers = self.server.webhook(secret=secret)
        return headers, body


DECLINED = "Your payment was declined."
BENCHES = {"fakepay": FakepayBench, "razorpay": RazorpayBench, "stripe": StripeBench}
"""Every gateway of ours stands here once, and must pass what this folder asks of its abilities."""
