"""From a plan to the gateway's checkout page: one open checkout for one reader, ever."""

from datetime import timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, Hosted, Opening, Order, Provider
from broadsheet.subscriptions.actions.redeeming import hold, propose
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import Checkout, Coupon, PlanVersion
from broadsheet.subscriptions.reads.account import is_bound
from broadsheet.subscriptions.reads.proposals import Proposal
from broadsheet.subscriptions.reads.sellable import order_of, refused_by

REUSED = timedelta(hours=20)
"""A checkout page is offered again for so long; gateways close theirs after a day."""


def open_checkout(
    provider: Provider,
    reader: User,
    version: PlanVersion,
    next_: str,
    *,
    seen: str = "",
    coupon: Coupon | None = None,
) -> Checkout:
    """The checkout of this reader for this offer, its `url` ready to be visited.

    `seen` is the seal of the terms that the reader saw, "" for whatever they are now; `coupon` is
    taken off, and its use held until the checkout is paid or left.

    A double click gives the same one. An open checkout for another plan is closed at the gateway
    in the same step, so that two windows cannot both be paid; when it turns out to be paid, it is
    settled and returned instead. Raises Refusal for a reader who subscribes already, a plan no
    longer on sale or that the gateway cannot charge for, and other terms than those seen; and
    GatewaySilent.
    """
    wish = Wish(version, next_, seen, coupon)
    checkout = _ours(provider, reader, wish)
    if checkout.ref:
        # Offered before: it may have been paid or closed at the gateway since.
        checkout = settle(provider, checkout.ref).checkout
        if checkout.state == Checkout.PAID:
            return checkout
        if checkout.state != Checkout.OPEN:
            checkout = _ours(provider, reader, wish)
    try:
        hosted = provider.open_checkout(_order(checkout))
    except GatewayRefused:
        paid = _paid_before(provider, checkout)
        if paid is None:
            raise
        return paid
    return _known(provider, checkout, hosted)


def _known(provider: Provider, checkout: Checkout, hosted: Hosted) -> Checkout:
    """The gateway has it now, and in the same step has let go of the one it replaces."""
    Checkout.objects.filter(pk=checkout.pk).update(ref=hosted.ref, url=hosted.url)
    if checkout.replaces:
        replaced = Checkout.objects.filter(provider=provider.name, ref=checkout.replaces)
        replaced.filter(state=Checkout.OPEN).update(state=Checkout.LEFT)
    checkout.ref, checkout.url = hosted.ref, hosted.url
    return checkout


class Wish(NamedTuple):
    """What a reader chose, as it was shown, and the page wanted next."""

    version: PlanVersion
    next: str
    seen: str
    coupon: Coupon | None


def _ours(provider: Provider, reader: User, wish: Wish) -> Checkout:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        _check(reader, wish.version)
        proposal = propose(reader, wish.version, wish.coupon)
        if proposal.free or wish.seen not in ("", proposal.seal):
            raise _changed()
        if refused_by(provider, proposal):
            raise _unpayable()
        fresh = Checkout.objects.filter(
            reader=reader, state=Checkout.OPEN, provider=provider.name,
        )  # fmt: skip
        last = fresh.order_by("-pk").first()
        again = last is not None and _is_fresh(provider, last)
        if last is not None and again and _proposed(last).seal == proposal.seal:
            last.next = wish.next
            last.save(update_fields=["next"])
            return last
        replaces = (last and (last.ref or last.replaces)) or ""
        checkout = _made(provider, reader, proposal, next_=wish.next, replaces=replaces)
        if proposal.coupon is not None:
            hold(checkout)
        return checkout


def _made(
    provider: Provider, reader: User, proposal: Proposal, *, next_: str, replaces: str
) -> Checkout:
    version, opening = proposal.version, proposal.opening
    return Checkout.objects.create(
        reader=reader, version=version, provider=provider.name, next=next_,
        amount=proposal.total.amount, currency=version.currency,
        opening_amount=opening.amount if opening else None,
        opening_periods=opening.periods if opening else 0,
        trial_days=proposal.trial, coupon=proposal.coupon, replaces=replaces,
    )  # fmt: skip


def _is_fresh(provider: Provider, last: Checkout) -> bool:
    """Whether its page is offered again: not where it begins a trial on an earlier day than the
    reader was told."""
    if last.trial_days and provider.trial_wait:
        zone = ZoneInfo(Paper.load().time_zone)
        days = {at.astimezone(zone).date() for at in (last.made_at, clock.now())}
        if len(days) > 1:
            return False
    return last.made_at > clock.now() - REUSED


def _proposed(checkout: Checkout) -> Proposal:
    version, coupon = checkout.version, checkout.coupon
    price = checkout.amount if checkout.amount != version.total.amount else None
    return Proposal(version, _opening(checkout), price, coupon, trial=checkout.trial_days)


def _opening(checkout: Checkout) -> Opening | None:
    if checkout.opening_amount is None:
        return None
    return Opening(checkout.opening_amount, checkout.opening_periods)


def _changed() -> Refusal:
    return Refusal(_("This offer has changed."), _("Please look at the plans once more."))


def _check(reader: User, version: PlanVersion) -> None:
    if is_bound(reader):
        raise Refusal(_("You have a subscription already."), _("Your account shows it."))
    if not version.plan.on_sale or version.plan.current != version:
        raise _changed()


def _unpayable() -> Refusal:
    words = _("This plan cannot be paid at the moment.")
    return Refusal(words, _("Nothing was charged. Please choose another one."))


def _order(checkout: Checkout) -> Order:
    return order_of(
        _proposed(checkout), key=checkout.key, email=checkout.reader.email,
        replaces=checkout.replaces,
    )  # fmt: skip


def _paid_before(provider: Provider, checkout: Checkout) -> Checkout | None:
    """The gateway refused, perhaps because the reader paid in another window a moment before."""
    settled = settle(provider, checkout.replaces) if checkout.replaces else None
    if settled is None or settled.subscription is None:
        return None
    Checkout.objects.filter(pk=checkout.pk).update(state=Checkout.LEFT)
    return settled.checkout
