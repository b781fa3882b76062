"""May a code be redeemed, and from when would it open the paper for this reader?"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.look.strict import View
from broadsheet.subscriptions.gift_codes import digest_of
from broadsheet.subscriptions.gift_rules import GIFT, begins, ends
from broadsheet.subscriptions.models import GiftSubscription, Subscription
from broadsheet.subscriptions.reads.offers import BenefitView, benefits_of, known, period_text
from broadsheet.subscriptions.reads.rights import entitlements
from broadsheet.subscriptions.reads.withdrawing import is_going_back
from broadsheet.subscriptions.rules import COUPON, IMPORT, SUBSCRIPTION, TRIAL


@dataclass(frozen=True, slots=True)
class GiftTerms:
    """From when until when a gift would be, UTC; `waits` when that is not now. `stops` is the
    subscription whose renewal ends with it."""

    gift: int
    starts: datetime
    ends: datetime
    waits: bool
    stops: Subscription | None

    @property
    def seal(self) -> str:
        """The terms in one word: another word, other terms."""
        starts = self.starts.isoformat() if self.waits else "now"
        return f"{self.gift}:{starts}:{self.stops.pk if self.stops else 0}"


def gift_of_code(code: str) -> GiftSubscription:
    """The gift that a code opens now. Raises Refusal, the same for every wrong code."""
    found = GiftSubscription.objects.filter(code_hash=digest_of(code))
    gift = check_redeemable(found.select_related("version__plan", "buyer", "payment").first())
    if gift.payment is None or is_going_back(gift):
        raise _given_back()
    return gift


def is_redeemed_by(reader: User, code: str) -> bool:
    """Whether this reader has redeemed the gift of a code."""
    return GiftSubscription.objects.filter(code_hash=digest_of(code), redeemed_by=reader).exists()


def check_redeemable(gift: GiftSubscription | None) -> GiftSubscription:
    """The same gift. Raises Refusal when it opens nothing, whoever asks."""
    if gift is None or gift.state != GiftSubscription.PAID:
        raise Refusal(_("This code is not valid."), _("Please check how it is written."))
    if gift.redeemed_at is not None:
        words = _("This gift was redeemed already.")
        raise Refusal(words, _("A code works once. Your account shows what you have."))
    if gift.refunded_at is not None:
        raise _given_back()
    if gift.expires_at is not None and gift.expires_at <= clock.now():
        words = _("This code could be redeemed until %(day)s.")
        day = gift.expires_at.astimezone(ZoneInfo(Paper.load().time_zone))
        remedy = _("What was paid for it is not lost: please write to us.")
        raise Refusal(words % {"day": f"{day:%Y-%m-%d}"}, remedy)
    return gift


def _given_back() -> Refusal:
    words = _("This gift was given back to its buyer.")
    return Refusal(words, _("Please ask whoever gave it to you."))


def gift_terms(reader: User, gift: GiftSubscription) -> GiftTerms:
    """What redeeming the gift at this moment means for a reader."""
    now, zone = clock.now(), Paper.load().time_zone
    ours = Q(source__in=(SUBSCRIPTION, TRIAL, COUPON, GIFT))
    elsewhere = Q(source=IMPORT, imported__complimentary=False)
    paid = reader.grants.filter(ours | elsewhere, revoked_at=None, valid_until__gt=now)
    starts = begins(paid.values_list("valid_from", "valid_until"), now)
    live = reader.subscriptions.live().filter(renews=True).first()
    return GiftTerms(
        gift=gift.pk, starts=starts, ends=ends(starts, gift.version.interval, zone),
        waits=starts > now, stops=live,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RedeemView(View):
    """A gift before it is redeemed: dates in the paper's zone. `renews_on` is when the reader's own
    subscription would have been charged next, None when nothing renews or its last charge failed.
    `is_open` says that the reader has all of it already, and pays for none: a seat, an invitation.
    """

    plan: str
    length: str
    giver: str
    message: str
    benefits: tuple[BenefitView, ...]
    starts: datetime
    ends: datetime
    waits: bool
    renews_on: datetime | None
    stops: str
    is_open: bool
    expires: datetime | None
    seal: str


def redeem_view(reader: User, gift: GiftSubscription) -> RedeemView:
    """What the reader is asked to confirm."""
    zone, terms = ZoneInfo(Paper.load().time_zone), gift_terms(reader, gift)
    stops = terms.stops
    overdue = stops is not None and stops.state == Subscription.PAST_DUE
    has_all = set(gift.version.entitlements) <= entitlements(reader, clock.now())
    return RedeemView(
        plan=gift.version.plan.name,
        length=period_text(gift.version.interval),
        giver=gift.buyer_name,
        message=gift.message,
        benefits=benefits_of(gift.version, known()),
        starts=terms.starts.astimezone(zone),
        ends=terms.ends.astimezone(zone),
        waits=terms.waits,
        renews_on=stops.next_at().astimezone(zone) if stops and not overdue else None,
        stops=stops.version.plan.name if stops else "",
        is_open=has_all and not terms.waits and not stops,
        expires=gift.expires_at.astimezone(zone) if gift.expires_at else None,
        seal=terms.seal,
    )
