"""From a plan to the gateway's page, for somebody else: paid once, whoever reads it."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, Hosted, Order, Provider
from broadsheet.subscriptions.actions.gifts.settling import ask_about_gift
from broadsheet.subscriptions.models import GiftSubscription, PlanVersion
from broadsheet.subscriptions.models.subscription import new_key
from broadsheet.subscriptions.reads.origin import origin

REUSED = timedelta(hours=20)
"""A checkout page is offered again for so long; gateways close theirs after a day."""


@dataclass(frozen=True, slots=True)
class GiftWish:
    """What somebody wants to give. Without an account (`buyer`) the buyer is an e-mail address.

    `token` is that of the form: sent twice, it is one gift. `send_on` is a day in the paper's zone.
    """

    version: PlanVersion
    token: str
    buyer: User | None = None
    buyer_email: str = ""
    buyer_name: str = ""
    recipient_email: str = ""
    message: str = ""
    send_on: date | None = None

    @property
    def details(self) -> dict[str, object]:
        """What may still change while it is not paid."""
        return {
            "buyer_name": self.buyer_name, "recipient_email": self.recipient_email,
            "message": self.message, "send_on": self.send_on,
        }  # fmt: skip


def open_gift(provider: Provider, wish: GiftWish) -> GiftSubscription:
    """The gift for this form, its `url` ready to be visited; paid already, it is returned so.

    A double click gives the same one. The same form sent again for another plan closes the page of
    before at the gateway. Raises Refusal for a plan that is not sold any more or that the gateway
    cannot charge once; and GatewaySilent.
    """
    _check(provider, wish.version)
    gift = _ours(provider, wish)
    if gift.ref:
        gift = ask_about_gift(provider, gift)
        if gift.state == GiftSubscription.OPEN and gift.url:
            return gift
        if gift.state != GiftSubscription.PAID:
            gift = _ours(provider, wish)
    if gift.state == GiftSubscription.PAID:
        return gift
    try:
        hosted = provider.open_checkout(_order(gift))
    except GatewayRefused:
        paid = _paid_before(provider, gift)
        if paid is None:
            raise
        return paid
    return _known(provider, gift, hosted)


def _known(provider: Provider, gift: GiftSubscription, hosted: Hosted) -> GiftSubscription:
    """The gateway has it now, and in the same step has let go of the one it replaces."""
    GiftSubscription.objects.filter(pk=gift.pk).update(ref=hosted.ref, url=hosted.url)
    if gift.replaces:
        replaced = GiftSubscription.objects.filter(provider=provider.name, ref=gift.replaces)
        replaced.filter(state=GiftSubscription.OPEN).update(state=GiftSubscription.LEFT)
    gift.ref, gift.url = hosted.ref, hosted.url
    return gift


def _check(provider: Provider, version: PlanVersion) -> None:
    sold = version.plan.on_sale and version.plan.current == version
    if not sold or not version.can_be_given:
        raise Refusal(_("This offer has changed."), _("Please look at the plans once more."))
    if "once" not in provider.can:
        words = _("Gifts cannot be paid at the moment.")
        raise Refusal(words, _("Nothing was charged. Please try again another day."))


def _ours(provider: Provider, wish: GiftWish) -> GiftSubscription:
    with transaction.atomic():
        same_form = GiftSubscription.objects.filter(token=wish.token, provider=provider.name)
        last = same_form.select_for_update().order_by("-pk").first()
        if last is not None and last.state == GiftSubscription.PAID:
            return last
        if last is not None and last.state == GiftSubscription.OPEN:
            if _is_same(last, wish):
                same_form.filter(pk=last.pk).update(**wish.details)
                return last
            _give_way(last)
        return _made(provider, wish, (last and (last.ref or last.replaces)) or "")


def _give_way(last: GiftSubscription) -> None:
    """The form is that of another gift now. One whose page stands at the gateway stays open, and
    is asked about, until the gateway has let go of it (`_known`): it may yet be paid."""
    rows = GiftSubscription.objects.filter(pk=last.pk)
    if last.ref:
        rows.update(token=new_key())
    else:
        rows.update(state=GiftSubscription.LEFT)


def _is_same(gift: GiftSubscription, wish: GiftWish) -> bool:
    """Whether it is the order that the gateway knows."""
    asked = (wish.version.pk, wish.version.total.amount, wish.buyer, wish.buyer_email)
    fresh = gift.made_at > clock.now() - REUSED
    return fresh and asked == (gift.version_id, gift.amount, gift.buyer, gift.buyer_email)


def _made(provider: Provider, wish: GiftWish, replaces: str) -> GiftSubscription:
    """Two that come here at once find one row: a form has one open gift."""
    price = wish.version.total
    facts = {
        "buyer": wish.buyer, "buyer_email": wish.buyer_email, "version": wish.version,
        "amount": price.amount, "currency": price.currency, "replaces": replaces,
    }  # fmt: skip
    gift, _new = GiftSubscription.objects.get_or_create(
        token=wish.token, provider=provider.name, state=GiftSubscription.OPEN,
        defaults=facts | wish.details,
    )  # fmt: skip
    return gift


def _order(gift: GiftSubscription) -> Order:
    paper, version = Paper.load(), gift.version
    here = f"{origin()}/subscribe/gift"
    with translation.override(paper.language):
        description = _("Gift subscription: %(plan)s") % {"plan": version.plan.name}
    return Order(
        key=gift.key,
        email=gift.email,
        amount=gift.amount,
        currency=gift.currency,
        interval=version.interval,
        zone=paper.time_zone,
        seller=paper.name,
        description=description,
        language=paper.language,
        return_url=f"{here}/of/{gift.key}/",
        cancel_url=f"{here}/of/{gift.key}/left/",
        replaces=gift.replaces,
        renews=False,
    )


def _paid_before(provider: Provider, gift: GiftSubscription) -> GiftSubscription | None:
    """The gateway refused, perhaps because the page of before was paid in another window."""
    before = GiftSubscription.objects.filter(provider=provider.name, ref=gift.replaces)
    replaced = before.first() if gift.replaces else None
    if replaced is None:
        return None
    paid = ask_about_gift(provider, replaced)
    if paid.state != GiftSubscription.PAID:
        return None
    GiftSubscription.objects.filter(pk=gift.pk).update(state=GiftSubscription.LEFT)
    return paid
