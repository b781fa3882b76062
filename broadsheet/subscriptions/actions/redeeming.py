"""Coupons: a use is taken under a lock, held while its checkout is open, final when it is paid."""

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.periods import start_of
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.models import Checkout, Coupon, CouponUse, Grant, PlanVersion
from broadsheet.subscriptions.reads.account import is_bound
from broadsheet.subscriptions.reads.coupons import with_coupon
from broadsheet.subscriptions.reads.proposals import Proposal, proposer
from broadsheet.subscriptions.rules import COUPON


def propose(reader: User, version: PlanVersion, coupon: Coupon | None) -> Proposal:
    """What the reader would agree to, under the locks of reader and coupon.

    Raises Refusal when the coupon cannot be used.
    """
    offered = proposer(reader)(version)
    if coupon is None:
        return offered
    return with_coupon(offered, Coupon.objects.select_for_update().get(pk=coupon.pk), reader)


def hold(checkout: Checkout) -> None:
    """The use of a checkout's coupon is its own, until it is paid or left."""
    facts = {"checkout": checkout, "version": checkout.version, "taken_at": checkout.made_at}
    CouponUse.objects.update_or_create(
        coupon=checkout.coupon, reader=checkout.reader, defaults=facts
    )


def use_up(checkout: Checkout) -> None:
    """The checkout is paid: its use is final, also when all others were taken meanwhile."""
    if checkout.coupon_id is None:
        return
    facts = {"checkout": checkout, "version": checkout.version, "final_at": clock.now()}
    CouponUse.objects.update_or_create(
        coupon_id=checkout.coupon_id, reader=checkout.reader, defaults=facts
    )


def _refuse_second_use(reader: User, coupon: Coupon) -> None:
    """What is being paid on another page would have used the coupon as well."""
    mine = coupon.uses.filter(reader=reader).select_related("checkout").first()
    if mine is not None and mine.is_being_paid(clock.now()):
        words = _("You have begun to pay with this coupon on another page.")
        raise Refusal(words, _("Finish there, or choose a plan without the coupon."))


def redeem(reader: User, version: PlanVersion, coupon: Coupon, *, seen: str) -> CouponUse:
    """Open a plan for nothing: no gateway, no card, no renewal; the grants end by themselves.

    `seen` is the seal of what the reader saw. The same wish twice is refused: each coupon is used
    once. Raises Refusal when it cannot be used, or the reader subscribes already.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        if is_bound(reader):
            raise Refusal(_("You have a subscription already."), _("Your account shows it."))
        proposal = propose(reader, version, coupon)
        _refuse_second_use(reader, coupon)
        on_sale = version.plan.on_sale and version.plan.current == version
        if not on_sale or not proposal.free or proposal.seal != seen:
            raise Refusal(_("This offer has changed."), _("Please look at the plans once more."))
        now = clock.now()
        closes = start_of(now, proposal.free, version.interval, Paper.load().time_zone)
        facts = {"version": version, "checkout": None, "taken_at": now, "final_at": now}
        use, _new = CouponUse.objects.update_or_create(
            coupon=coupon, reader=reader, defaults=facts | {"opens": now, "closes": closes}
        )
        for right in version.entitlements:
            Grant.objects.create(
                reader=reader, entitlement=right, valid_from=now, valid_until=closes,
                source=COUPON, reason=coupon.code,
            )  # fmt: skip
    return use
