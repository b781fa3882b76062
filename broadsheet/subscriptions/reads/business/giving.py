"""Gift subscriptions at the desk: the list, and the story of one."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.business.story import StoryLine, paid, payment_story
from broadsheet.subscriptions.reads.business.written import Words, reader_name
from broadsheet.subscriptions.reads.gifts.shown import state_of, state_text
from broadsheet.subscriptions.reads.offers import period_text

TONES = {"waiting": "warn", "redeemed": "good", "refused": "bad"}


@dataclass(frozen=True, slots=True)
class GiftRow:
    """A line of the list; whoever was erased is named as such."""

    pk: int
    at: datetime
    buyer: str
    recipient: str
    redeemer: str
    plan: str
    price: str
    state: str
    tone: str
    expires: datetime | None


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    names = ("waiting", "redeemed", "refunded", "expired", "open")
    return [("", _("All that were paid")), *((name, state_text(name)) for name in names)]


def gifts(state: str = "", query: str = "") -> QuerySet[GiftSubscription]:
    """The newest first; those never paid only when asked for. An unknown filter is none."""
    found: QuerySet[GiftSubscription] = GiftSubscription.objects.select_related(
        "buyer", "redeemed_by", "version__plan"
    )
    bought = Q(payment__isnull=False)
    waiting = bought & Q(redeemed_at=None, refunded_at=None)
    fits = {
        "waiting": waiting & Q(expires_at__gt=clock.now()),
        "expired": waiting & Q(expires_at__lte=clock.now()),
        "redeemed": bought & Q(redeemed_at__isnull=False, refunded_at=None),
        "refunded": bought & Q(refunded_at__isnull=False),
        "open": Q(payment=None),
    }
    found = found.filter(fits.get(state, bought))
    if query:
        whom = Q(buyer__email__icontains=query) | Q(buyer_email__icontains=query)
        whom |= Q(recipient_email__icontains=query) | Q(redeemed_by__email__icontains=query)
        found = found.filter(whom)
    return found


def gift_row(gift: GiftSubscription, words: Words) -> GiftRow:
    """A line for a gift of `gifts()`."""
    state = state_of(gift)
    redeemer = reader_name(gift.redeemed_by) if gift.redeemed_at else ""
    price = words.amount(gift.amount, gift.currency)
    return GiftRow(
        pk=gift.pk,
        at=gift.made_at,
        buyer=gift.email or _("erased account"),
        recipient=gift.recipient_email,
        redeemer=redeemer,
        plan=gift.version.plan.name,
        price=f"{price} / {period_text(gift.version.interval)}",
        state=state_text(state),
        tone=TONES.get(state, "quiet"),
        expires=gift.expires_at,
    )


def gift_story(gift: GiftSubscription, words: Words) -> list[StoryLine]:
    """Checkout, payment, mail, redeeming, and what went back."""
    lines = [StoryLine(gift.made_at, _("Checkout opened"), gift.version.plan.name)]
    payment = gift.payment
    if payment is not None:
        lines += [paid(payment, payment.card, words), *payment_story(payment, words)]
    if gift.shown_at is not None:
        lines.append(StoryLine(gift.shown_at, _("The buyer saw the code")))
    if gift.sent_at is not None:
        lines.append(StoryLine(gift.sent_at, _("Sent"), gift.recipient_email))
    lines += redeemed(gift, words)
    if gift.problem:
        at = gift.asked_at or gift.made_at
        lines.append(StoryLine(at, _("Something does not fit"), gift.problem, "bad"))
    return sorted(lines, key=lambda line: line.at)


def redeemed(gift: GiftSubscription, words: Words) -> list[StoryLine]:
    """That somebody redeemed it, if anybody did."""
    if gift.redeemed_at is None or gift.starts is None or gift.ends is None:
        return []
    lasts = f"{words.day(gift.starts)} – {words.day(gift.ends)}"
    by = reader_name(gift.redeemed_by)
    return [StoryLine(gift.redeemed_at, _("Redeemed"), f"{by}, {lasts}", "good")]
