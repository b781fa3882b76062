"""May an account be deleted? Not while money can still move in its name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import awaited, undecided
from broadsheet.subscriptions.models import Checkout, Erasure, Subscription

PATIENCE = timedelta(days=1)
"""A gateway that is there has answered by then."""


def is_charged(reader: User) -> bool:
    """Whether money may still be taken from this reader, is on its way back, or disputed."""
    told = all(s.renews == s.renews_told and not s.is_live for s in reader.subscriptions.all())
    if not told or awaited().filter(reader=reader).exists():
        return True
    if undecided().filter(payment__reader=reader).exists():
        return True
    waiting = {"state": Checkout.OPEN, "ref__isnull": False}
    checkouts, gifts = reader.checkouts.filter(**waiting), reader.gifts_bought.filter(**waiting)
    return checkouts.exists() or bool(gifts.exists())


def is_settled(reader: User) -> bool:
    """Whether nothing is charged, and the gateway has answered since."""
    return not (is_charged(reader) or reader.subscriptions.unheard().exists())


@dataclass(frozen=True, slots=True)
class Stuck:
    """Closed accounts that are not erased, the first since `since`. `absent` names the gateways,
    not connected any more, that would have to say that nothing is charged; "" when none is."""

    count: int
    since: datetime
    absent: str


def stuck() -> Stuck | None:
    """Erasures that wait for longer than the gateway takes to answer. None when there is none."""
    waiting = Erasure.objects.filter(asked_at__lt=clock.now() - PATIENCE)
    found = waiting.aggregate(count=Count("pk"), since=Min("asked_at"))
    if not found["count"]:
        return None
    theirs = Subscription.objects.filter(reader__erasure__in=waiting)
    if provider := gateways.in_force():
        theirs = theirs.exclude(provider=provider.name)
    names = theirs.order_by("provider").values_list("provider", flat=True).distinct()
    return Stuck(found["count"], found["since"], ", ".join(names))
