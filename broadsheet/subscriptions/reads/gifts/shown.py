"""A gift as its buyer and its redeemer see it."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.money import show
from broadsheet.look.strict import View
from broadsheet.subscriptions.gift_rules import GIFT
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.offers import period_text
from broadsheet.subscriptions.reads.origin import origin

MOST = 100


@dataclass(frozen=True, slots=True)
class GiftView(View):
    """A gift; moments are in the paper's zone, None for what has not happened.

    `state` is "waiting", "redeemed", "refunded" or "expired"; `path` is the buyer's page of it.
    """

    path: str
    plan: str
    length: str
    paid: str
    bought: datetime
    recipient: str
    giver: str
    message: str
    state: str
    said: str
    send_on: date | None
    sent: datetime | None
    shown: datetime | None
    expires: datetime | None
    redeemed: datetime | None
    starts: datetime | None
    ends: datetime | None
    invoice: str


@dataclass(frozen=True, slots=True)
class HeldGiftView(View):
    """A gift as it stands in the account of who redeemed it: what, from whom ("" when unknown),
    from when and until when, in the paper's zone. `waits`: it has not begun."""

    plan: str
    giver: str
    starts: datetime
    ends: datetime
    waits: bool


def gift_path(gift: GiftSubscription) -> str:
    """The buyer's page of a gift; its key is known to buyer and gateway alone."""
    return f"/subscribe/gift/of/{gift.key}/"


def gift_address(gift: GiftSubscription) -> str:
    """The same as a whole address, for mail."""
    return f"{origin()}{gift_path(gift)}"


def gift_withdrawal_address(gift: GiftSubscription) -> str:
    """Where its buyer withdraws from the purchase."""
    return f"{gift_address(gift)}withdraw/"


def redeem_address(code: str) -> str:
    """Where a code is redeemed: the page asks first, opening it redeems nothing."""
    return f"{origin()}/subscribe/redeem/?{urlencode({'code': code})}"


def gift_view(gift: GiftSubscription, zone: ZoneInfo) -> GiftView:
    """The view of a gift that was paid."""
    payment = gift.payment
    state = state_of(gift)

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone) if at else None

    return GiftView(
        path=gift_path(gift),
        plan=gift.version.plan.name,
        length=period_text(gift.version.interval),
        paid=show(gift.money, get_language() or "en"),
        bought=(payment.at if payment else gift.made_at).astimezone(zone),
        recipient=gift.recipient_email,
        giver=gift.buyer_name,
        message=gift.message,
        state=state,
        said=state_text(state),
        send_on=gift.send_on,
        sent=local(gift.sent_at),
        shown=local(gift.shown_at),
        expires=local(gift.expires_at),
        redeemed=local(gift.redeemed_at),
        starts=local(gift.starts),
        ends=local(gift.ends),
        invoice=payment.invoice.label if payment else "",
    )


def state_of(gift: GiftSubscription) -> str:
    """One word for where a gift is."""
    if gift.payment_id is None:
        return gift.state
    if gift.refunded_at is not None:
        return "refunded"
    if gift.redeemed_at is not None:
        return "redeemed"
    expired = gift.expires_at is not None and gift.expires_at <= clock.now()
    return "expired" if expired else "waiting"


def state_text(state: str) -> str:
    """The same for people."""
    words = {
        "open": _("not paid yet"), "left": _("not paid"), "refused": _("something does not fit"),
        "waiting": _("not redeemed yet"), "redeemed": _("redeemed"), "refunded": _("given back"),
        "expired": _("expired"),
    }  # fmt: skip
    return words.get(state, state)


def gifts_bought(reader: User) -> list[GiftView]:
    """The newest gifts that the reader paid for."""
    return _views(Q(buyer=reader))


def gifts_redeemed(reader: User) -> list[GiftView]:
    """The newest gifts that the reader reads or read by."""
    return _views(Q(redeemed_by=reader))


def _views(whose: Q) -> list[GiftView]:
    found = GiftSubscription.objects.filter(whose, payment__isnull=False)
    rows = found.select_related("version__plan", "payment__invoice")
    zone = ZoneInfo(Paper.load().time_zone)
    return [gift_view(gift, zone) for gift in rows[:MOST]]


def gifts_held(reader: User) -> list[HeldGiftView]:
    """What the reader has as gifts, now and later, the first to end first."""
    now, zone = clock.now(), ZoneInfo(Paper.load().time_zone)
    held = reader.grants.filter(source=GIFT, revoked_at=None, valid_until__gt=now)
    found = GiftSubscription.objects.filter(pk__in=held.values("gift")).order_by("ends", "pk")
    return [
        HeldGiftView(
            gift.version.plan.name,
            gift.buyer_name,
            gift.starts.astimezone(zone),
            gift.ends.astimezone(zone),
            gift.starts > now,
        )
        for gift in found.select_related("version__plan")
        if gift.starts and gift.ends
    ]


def gift_waits(reader: User) -> bool:
    """Whether a gift begins later for this reader."""
    held = reader.grants.filter(source=GIFT, revoked_at=None, valid_from__gt=clock.now())
    return bool(held.exists())


def gift_lasts(reader: User) -> datetime | None:
    """Until when the reader has a gift, running or to come, in the paper's zone."""
    now, zone = clock.now(), ZoneInfo(Paper.load().time_zone)
    held = reader.grants.filter(source=GIFT, revoked_at=None, valid_until__gt=now)
    last = held.order_by("-valid_until").values_list("valid_until", flat=True).first()
    return last.astimezone(zone) if last else None
