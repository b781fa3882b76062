"""Readers in every state that money can be in; run in a paper's home, by `broadsheet shell`."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from broadsheet.accounts.models import ConsentPolicy, ReadArticle, User
from broadsheet.desk.models import Article
from broadsheet.ledger.models import Billing
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import (
    Coupon,
    GiftSubscription,
    Institution,
    PartnerBenefit,
    PlanVersion,
    Seat,
    Subscription,
)
from tests.e2e.looked_at import PARTNER

HOUSE, PASSWORD = "merrow.example", "merrow-courier"
TAKEN = [f"subscriber@{HOUSE}"]
NOW = timezone.now()
STATES: dict[str, dict[str, Any]] = {
    "overdue": {"state": Subscription.PAST_DUE},
    "cancelled": {"state": Subscription.ACTIVE, "renews": False},
    "ended": {"state": Subscription.ENDED},
    "fresh": {
        "state": Subscription.ACTIVE, "renews": True, "anchor__gt": NOW - timedelta(days=13),
        "trial_ends": None,
    },
    "trying": {"trial_ends__gt": NOW},
    "resting": {"state": Subscription.PAUSED},
    "away": {"state": Subscription.PAUSED},
}  # fmt: skip
"""Who takes the part of whom: a reader of the demo in that state, under an address of the part."""


def fill() -> None:
    """Everything the money pages can show beside what the demo's past left behind."""
    for part, state in STATES.items():
        cast(part, alone(state)[0])
    # Where they pay was answered when the paper had another port: the worker asks at once.
    Subscription.objects.filter(state=Subscription.PAST_DUE).update(asked_at=None)
    cast("giver", GiftSubscription.objects.exclude(buyer=None).get(redeemed_at=None).buyer)
    cast("member", Seat.objects.live().order_by("pk")[0].reader)
    subscriber = User.objects.get(email=f"subscriber@{HOUSE}")
    fresh = User.objects.get(email=f"fresh@{HOUSE}")
    Billing.objects.create(reader=fresh, name="Ida Fresh", country="DE")
    Billing.objects.create(
        reader=subscriber, name="Cleo Marchetti", country="DE",
        address="Marchetti Import and Export, Old Customs House\n12 Wharf Lane\n20457 Hamburg",
    )  # fmt: skip
    remember(subscriber)
    Coupon.objects.create(code="TENOFF", percent=10, note="The autumn fair", periods=3)
    Coupon.objects.create(code="GONE", percent=50, active=False, most_uses=1)
    ConsentPolicy.objects.create(
        analytics=True, ads=True, words="Tally & Co. counts pages, for 13 months."
    )
    offer_around(fresh)
    Institution.objects.create(
        name="Merrow Public Library", networks="193.0.6.0/24\n2001:67c:2e8::/48",
        domains="library.merrow.example", entitlements=["unlimited", "premium"], seats=40,
    )  # fmt: skip


def offer_around(owner: User) -> None:
    """Two partners' benefits, a file of subscribers to be looked at, and a group of three."""
    benefit = PartnerBenefit.objects.create(
        partner="Harbour Film", title="A month of films", entitlement="premium", kind="codes",
        gives="Every film of the season, on all screens.", link="https://film.example/",
    )  # fmt: skip
    actions.fill_pool(benefit, ["FILM-0001", "FILM-0002"])
    asked = PartnerBenefit.objects.create(
        partner="Tarn Radio", title="Concerts at home", entitlement="premium", kind="openid",
        gives="Every concert of the year.", link="https://radio.example/", asks_email=True,
    )  # fmt: skip
    actions.keep_client(asked, [PARTNER])
    listed = b"email,plan,paid_until\nida@merrow.example,gold,2031-01-31\nnobody,gold,soon\n"
    actions.take_file(listed, "members.csv")
    subscription = owner.subscriptions.get()
    PlanVersion.objects.filter(pk=subscription.version_id).update(seats=3)
    actions.invite(subscription, f"friend@{HOUSE}")


def alone(state: dict[str, Any]) -> QuerySet[User]:
    """The demo's readers whose only subscription is in a state."""
    once = User.objects.annotate(held=Count("subscriptions")).filter(held=1)
    inside = Subscription.objects.filter(**state, reader__in=once.values("pk"))
    return User.objects.filter(subscriptions__in=inside).exclude(email__in=TAKEN).order_by("pk")


def cast(part: str, reader: User) -> None:
    """The reader signs in as PART@merrow.example, and takes no other part."""
    address = f"{part}@{HOUSE}"
    TAKEN.append(address)
    reader.emailaddress_set.all().delete()
    reader.emailaddress_set.create(email=address, verified=True, primary=True)
    reader.email = address
    reader.set_password(PASSWORD)
    reader.save()


def remember(reader: User) -> None:
    """A history, a gift and how far the reader got."""
    now = timezone.now()
    reports = Article.objects.filter(live=True, withdrawn_at=None).order_by("-pk")[:4]
    for hours, report in enumerate(reports):
        ReadArticle.objects.create(
            reader=reader, article=report.pk, read_at=now - timedelta(hours=hours),
            place=3 if hours else None, paragraphs=9 if hours else 0,
        )  # fmt: skip
    premium = Article.objects.filter(live=True, withdrawn_at=None, access="premium")
    actions.give(reader, premium.order_by("pk")[0])
