"""Take webhooks in: stored raw, verified, each event once. Nothing here acts on them."""

from collections.abc import Mapping

from django.db import transaction

from broadsheet.kit import clock
from broadsheet.ledger.models import Delivery, Event
from broadsheet.ledger.providers.base import BadSignature, Provider, Told

MOST_BYTES = 64 * 1024
KEPT_REFUSED = 200
"""Deliveries that nobody signed are kept for the publisher to look at, but never fill the disk."""
SECRET_FIELDS = frozenset({"cookie", "authorization"})


def receive(provider: Provider, headers: Mapping[str, str], body: bytes) -> Event | None:
    """Store a webhook and what it announces; None when the event is known already.

    Durable when it returns. Raises BadSignature, having kept the refused bytes but no event.
    """
    try:
        told = provider.verify(headers, body, now=clock.now().timestamp())
    except BadSignature as refusal:
        _keep_refused(provider.name, headers, body, str(refusal))
        raise
    with transaction.atomic():
        return _announced(provider.name, told, _stored(provider.name, headers, body))


def _announced(provider: str, told: Told, delivery: Delivery) -> Event | None:
    event, is_new = Event.objects.get_or_create(
        provider=provider,
        event_id=told.event,
        defaults={"kind": told.kind, "ref": told.ref, "delivery": delivery},
    )
    return event if is_new else None


def _stored(provider: str, headers: Mapping[str, str], body: bytes, problem: str = "") -> Delivery:
    kept = {name: value for name, value in headers.items() if name not in SECRET_FIELDS}
    return Delivery.objects.create(
        provider=provider, headers=kept, body=body[:MOST_BYTES], problem=problem[:400]
    )


def _keep_refused(provider: str, headers: Mapping[str, str], body: bytes, problem: str) -> None:
    with transaction.atomic():
        _stored(provider, headers, body, problem)
        refused = Delivery.objects.exclude(problem="").order_by("-id")
        for old in refused[KEPT_REFUSED : KEPT_REFUSED + 10]:
            old.delete()
