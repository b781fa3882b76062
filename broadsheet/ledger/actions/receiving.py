"""Take webhooks in: stored raw, verified, each event once. Nothing here acts on them."""

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from broadsheet.kit import clock
from broadsheet.ledger.models import Delivery, Event
from broadsheet.ledger.providers.base import BadSignature, Provider

MOST_BYTES = 64 * 1024
"""More than any webhook of a gateway is; a longer body is refused before it comes here."""
KEPT_REFUSED = 200
"""Deliveries that nobody signed are kept for the publisher to look at, but never fill the disk."""
KEPT = timedelta(days=90)
SECRET_FIELDS = frozenset({"cookie", "authorization"})


def receive(provider: Provider, headers: Mapping[str, str], body: bytes) -> Event | None:
    """Store a webhook, then verify it; returns the event, None when it is known already.

    What is none of ours is noted and needs nothing more. Durable when it returns. Raises
    BadSignature, having kept the refused bytes but no event.
    """
    delivery = _stored(provider.name, headers, body)
    try:
        told = provider.verify(headers, body, now=clock.now().timestamp())
    except BadSignature as refusal:
        _refuse(delivery, str(refusal))
        raise
    with transaction.atomic():
        event, is_new = Event.objects.get_or_create(
            provider=provider.name,
            event_id=told.event,
            defaults={
                "kind": told.kind, "ref": told.ref, "delivery": delivery,
                "taken_at": None if told.ref else clock.now(),
            },
        )  # fmt: skip
    return event if is_new else None


def _stored(provider: str, headers: Mapping[str, str], body: bytes) -> Delivery:
    kept = {name: value for name, value in headers.items() if name not in SECRET_FIELDS}
    return Delivery.objects.create(provider=provider, headers=kept, body=body)


def _refuse(delivery: Delivery, problem: str) -> None:
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(problem=problem[:400])
        refused = Delivery.objects.exclude(problem="").order_by("-id")
        surplus = refused.values_list("pk", flat=True)[KEPT_REFUSED : KEPT_REFUSED + 10]
        Delivery.objects.filter(pk__in=list(surplus)).delete()


def forget_deliveries() -> int:
    """Delete raw deliveries after a quarter of a year; what they announced stays. How many."""
    old = Delivery.objects.filter(received_at__lt=clock.now() - KEPT)
    return old.delete()[0]
