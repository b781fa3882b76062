"""From a plan to the gateway's checkout page: one open checkout for one reader, ever."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import GatewayRefused, Order, Provider
from broadsheet.subscriptions.actions.settling import settle
from broadsheet.subscriptions.models import Checkout, PlanVersion
from broadsheet.subscriptions.reads.account import is_bound
from broadsheet.subscriptions.reads.origin import origin

REUSED = timedelta(hours=20)
"""A checkout page is offered again for so long; gateways close theirs after a day."""


def open_checkout(provider: Provider, reader: User, version: PlanVersion, next_: str) -> Checkout:
    """The checkout of this reader for this offer, its `url` ready to be visited.

    A double click gives the same one. An open checkout for another plan is closed at the gateway
    in the same step, so that two windows cannot both be paid; when it turns out to be paid, it is
    settled and returned instead. Raises Refusal for a reader who subscribes already or a plan no
    longer on sale, and GatewaySilent.
    """
    checkout = _ours(provider, reader, version, next_)
    if checkout.ref:
        # Offered before: it may have been paid or closed at the gateway since.
        checkout = settle(provider, checkout.ref).checkout
        if checkout.state == Checkout.PAID:
            return checkout
        if checkout.state != Checkout.OPEN:
            checkout = _ours(provider, reader, version, next_)
    try:
        hosted = provider.open_checkout(_order(checkout))
    except GatewayRefused:
        paid = _paid_before(provider, checkout)
        if paid is None:
            raise
        return paid
    Checkout.objects.filter(pk=checkout.pk).update(ref=hosted.ref, url=hosted.url)
    if checkout.replaces:
        replaced = Checkout.objects.filter(provider=provider.name, ref=checkout.replaces)
        replaced.filter(state=Checkout.OPEN).update(state=Checkout.LEFT)
    checkout.ref, checkout.url = hosted.ref, hosted.url
    return checkout


def _ours(provider: Provider, reader: User, version: PlanVersion, next_: str) -> Checkout:
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        _check(reader, version)
        fresh = Checkout.objects.filter(
            reader=reader, state=Checkout.OPEN, provider=provider.name,
        )  # fmt: skip
        last = fresh.order_by("-pk").first()
        again = last is not None and last.made_at > clock.now() - REUSED
        if last is not None and again and last.version_id == version.pk:
            last.next = next_
            last.save(update_fields=["next"])
            return last
        return Checkout.objects.create(
            reader=reader, version=version, provider=provider.name, next=next_,
            amount=version.total.amount, currency=version.currency,
            replaces=(last and (last.ref or last.replaces)) or "",
        )  # fmt: skip


def _check(reader: User, version: PlanVersion) -> None:
    if is_bound(reader):
        raise Refusal(_("You have a subscription already."), _("Your account shows it."))
    if not version.plan.on_sale or version.plan.current != version:
        raise Refusal(_("This offer has changed."), _("Please look at the plans once more."))


def _order(checkout: Checkout) -> Order:
    paper, version = Paper.load(), checkout.version
    here = f"{origin()}/subscribe"
    return Order(
        key=checkout.key,
        email=checkout.reader.email,
        amount=checkout.amount,
        currency=checkout.currency,
        interval=version.interval,
        zone=paper.time_zone,
        seller=paper.name,
        description=version.plan.name,
        language=paper.language,
        return_url=f"{here}/return/{checkout.key}/",
        cancel_url=f"{here}/left/{checkout.key}/",
        replaces=checkout.replaces,
    )


def _paid_before(provider: Provider, checkout: Checkout) -> Checkout | None:
    """The gateway refused, perhaps because the reader paid in another window a moment before."""
    settled = settle(provider, checkout.replaces) if checkout.replaces else None
    if settled is None or settled.subscription is None:
        return None
    Checkout.objects.filter(pk=checkout.pk).update(state=Checkout.LEFT)
    return settled.checkout
