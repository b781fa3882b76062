"""What Stripe holds: its objects, its clock, what it tells by webhook, and how cards behave."""

import copy
import hashlib
import hmac
import json
from calendar import monthrange
from datetime import UTC, datetime, timedelta

import stripe

from broadsheet.ledger.tests.stripe.documented import shape

KEY, SECRET, OLDER = "sk_test_51Lantern", "whsec_lantern", "whsec_lantern_before"
VERSION = "2026-10-28.endive"
DAY = 24 * 3600

CARDS = {
    "good": ("4242", ""),
    "declined": ("0002", "Your card was declined."),
    "poor": ("9995", "Your card has insufficient funds."),
    "asks": ("3184", ""),
    "once": ("0341", ""),
}
"""Test cards: last four digits, and Stripe's sentence. `asks` wants 3-D Secure each time, `once`
pays while its holder is there and is declined afterwards. "gone" is no card any more."""


class Refusal(Exception):
    """An error as Stripe answers it."""

    def __init__(self, message, *, status=400, kind="invalid_request_error", code=None, param=None):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "code": code, "param": param}}


class World:
    """One account in test mode. `now` is Unix seconds by Stripe's clock."""

    def __init__(self, at=None):
        self.now = int(at.timestamp()) if at else int(datetime(2026, 3, 31, 10).timestamp())
        self.objects, self.events, self.cards, self.fees = {}, [], {}, {}
        self.url = ""
        self.fee = (29, 1000, 0)
        self._made = 0

    def ref(self, prefix):
        self._made += 1
        return f"{prefix}_1Lan{self._made:012d}"

    def add(self, kind, prefix, *, ref=None, **given):
        """Make an object and keep it."""
        name = kind.OBJECT_NAME
        facts = {"id": ref or self.ref(prefix), "object": name, **given}
        for field, value in (("created", self.now), ("livemode", False), ("metadata", {})):
            if field in kind.__annotations__:
                facts.setdefault(field, value)
        made = shape(kind, **facts)
        self.objects[made["id"]] = made
        return made

    def get(self, ref, name):
        """An object of a kind. Raises Refusal as Stripe does for one it does not have."""
        found = self.objects.get(ref)
        if found is None or found["object"] != name:
            raise Refusal(f"No such {name}: '{ref}'", status=404, code="resource_missing")
        return found

    def all(self, name, **wanted):
        """Objects of a kind, the newest first."""
        found = [o for o in self.objects.values() if o["object"] == name]
        return [o for o in found if all(o[k] == v for k, v in wanted.items())][::-1]

    def announce(self, kind, about):
        """An event about an object as it is now."""
        shown = {field: value for field, value in about.items() if field[0] != "_"}
        self.events.append(
            shape(
                stripe.Event,
                id=self.ref("evt"), object="event", type=kind, created=self.now, livemode=False,
                api_version=VERSION, pending_webhooks=1, request={"id": None},
                data={"object": copy.deepcopy(shown)},
            )
        )  # fmt: skip

    def at(self):
        return datetime.fromtimestamp(self.now, UTC)


def sign(body, *secrets, at):
    """The header of a webhook: HMAC-SHA256 of "<t>.<body>", one for each secret in use."""
    macs = [hmac.new(s.encode(), f"{int(at)}.".encode() + body, hashlib.sha256) for s in secrets]
    return ",".join([f"t={int(at)}", *(f"v1={mac.hexdigest()}" for mac in macs)])


def body_of(event):
    """An event as Stripe sends it: indented, so that only the raw bytes can be verified."""
    return json.dumps(event, indent=2).encode()


def later(anchor, interval, count, number):
    """When a cycle begins: counted from the anchor in UTC, a missing day is the month's last."""
    begun = datetime.fromtimestamp(anchor, UTC)
    if interval in ("day", "week"):
        days = number * count * (7 if interval == "week" else 1)
        return int((begun + timedelta(days=days)).timestamp())
    months = begun.month - 1 + number * count * (12 if interval == "year" else 1)
    year, month = begun.year + months // 12, months % 12 + 1
    day = min(begun.day, monthrange(year, month)[1])
    return int(begun.replace(year=year, month=month, day=day).timestamp())
