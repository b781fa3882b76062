"""Do seats agree with the subscriptions that lend them? What does not, with a remedy."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.models import Grant, Subscription
from broadsheet.subscriptions.rules import LENT

ANEW = (
    "Have the gateway send its last webhook about the subscription again, or stop and resume its"
    " renewal in the desk: what it lends is then written anew."
)


def problems() -> Iterator[Problem]:
    """No more seats than the plan has; a member's grant for each of the owner's, and no other."""
    taken = Count("seats", filter=Q(seats__left_at=None))
    live = Subscription.objects.live().annotate(taken=taken)
    full = live.filter(taken__gte=F("version__seats")).exclude(taken=0)
    for number, count in full.values_list("pk", "taken"):
        text = f"Subscription {number} lends {count} seats, more than its plan has."
        yield Problem(text, ANEW)
    for source, follows in LENT.items():
        for grant in _without_cause(source, follows).iterator():
            text = f"Grant {grant.pk} ({grant.entitlement}) of seat {grant.seat_id} follows no"
            yield Problem(f"{text} grant of the group's owner.", ANEW)
        for seat, owned in _not_followed(source, follows).iterator():
            text = f"Grant {owned} of a group's owner is not followed by seat {seat}."
            yield Problem(text, ANEW)


def _without_cause(source: str, follows: str) -> QuerySet[Grant]:
    owned = Grant.objects.filter(
        subscription__seats=OuterRef("seat"), subscription__seats__left_at=None, source=source,
        entitlement=OuterRef("entitlement"), period=OuterRef("period"),
        valid_until=OuterRef("valid_until"), revoked_at=None,
    )  # fmt: skip
    return Grant.objects.filter(~Exists(owned), source=follows, revoked_at=None)


def _not_followed(source: str, follows: str) -> QuerySet[Grant, tuple[int, int]]:
    """Seat and owner's grant, by number."""
    owned = Grant.objects.filter(
        source=source, revoked_at=None, subscription__seats__left_at=None,
        valid_until__gt=F("subscription__seats__taken_at"),
    ).annotate(lent_to=F("subscription__seats"))  # fmt: skip
    member = Grant.objects.filter(
        seat=OuterRef("lent_to"), source=follows, revoked_at=None,
        entitlement=OuterRef("entitlement"), period=OuterRef("period"),
    )  # fmt: skip
    return owned.filter(~Exists(member)).values_list("lent_to", "pk")
