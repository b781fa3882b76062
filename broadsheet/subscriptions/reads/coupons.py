"""What a coupon makes of a price, for one reader and one plan, or why it cannot be used."""

from datetime import datetime

from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.kit.say import Refusal
from broadsheet.ledger.providers.base import Opening
from broadsheet.subscriptions.models import Coupon, CouponUse, PlanVersion
from broadsheet.subscriptions.reads.proposals import Proposal
from broadsheet.subscriptions.reads.sellable import refused
from broadsheet.subscriptions.rules import discounted


def coupon_of(code: str) -> Coupon:
    """The coupon under a code as it was typed. Raises Refusal, the same for any wrong one."""
    found = Coupon.objects.filter(code=code.strip().upper()[:40]).first()
    if found is None or not found.active:
        raise Refusal(_("This code is not valid."), _("Please check how it is written."))
    _check_time(found, clock.now())
    coupon: Coupon = found
    return coupon


def _check_time(coupon: Coupon, now: datetime) -> None:
    if now < coupon.valid_from:
        raise Refusal(_("This coupon cannot be used yet."), _("Please try again later."))
    if coupon.valid_until is not None and coupon.valid_until <= now:
        raise Refusal(_("This coupon has expired."), _("The price is the ordinary one."))


def with_coupon(offered: Proposal, coupon: Coupon, reader: User | None) -> Proposal:
    """The proposal with the coupon taken off. Raises Refusal when it cannot be used for it, as when
    the gateway cannot charge it.

    What an open checkout of the reader was quoted holds, also when the coupon ends meanwhile.
    """
    version, now = offered.version, clock.now()
    mine = coupon.uses.filter(reader=reader).select_related("checkout").first() if reader else None
    if mine is None or not mine.is_held(version, now):
        _check_use(coupon, mine, now)
    _check_plan(offered, coupon)
    proposal = reduced(version, coupon)
    if refused(proposal):
        raise _not_for_it()
    return proposal


def _check_use(coupon: Coupon, mine: CouponUse | None, now: datetime) -> None:
    if not coupon.active:
        raise Refusal(_("This code is not valid."), _("Please check how it is written."))
    _check_time(coupon, now)
    if mine is not None and mine.final_at is not None:
        raise Refusal(_("You have used this coupon."), _("The price is the ordinary one."))
    if coupon.used_up(mine):
        raise Refusal(_("All uses of this coupon are taken."), _("The price is the ordinary one."))


def _check_plan(offered: Proposal, coupon: Coupon) -> None:
    version = offered.version
    named = set(coupon.plans.values_list("pk", flat=True))
    foreign = coupon.amount_off is not None and coupon.currency != version.currency
    if (named and version.plan_id not in named) or foreign:
        raise _not_for_it()
    if offered.opening is not None:
        words = _("This coupon cannot be added to a first price.")
        raise Refusal(words, _("The plan costs less at first without it."))


def _not_for_it() -> Refusal:
    words = _("This coupon is not for this plan.")
    return Refusal(words, _("Please choose another one, or pay the ordinary price."))


def reduced(version: PlanVersion, coupon: Coupon) -> Proposal:
    """What a version costs with a coupon, whoever uses it."""
    less = discounted(version.total.amount, coupon.percent, coupon.amount_off)
    if not less:
        return Proposal(version, coupon=coupon, free=(coupon.periods or 1) if version.renews else 1)
    if coupon.periods is None or not version.renews:
        return Proposal(version, price=less, coupon=coupon)
    return Proposal(version, Opening(less, coupon.periods), coupon=coupon)


def opened_free(reader: User, version: PlanVersion) -> bool:
    """Whether a coupon has opened this version for the reader, for nothing, and it is open now."""
    now = clock.now()
    free = CouponUse.objects.filter(reader=reader, version=version)
    return free.filter(opens__lte=now, closes__gt=now).exists()


def coupon_text(coupon: Coupon, language: str) -> str:
    """What it takes off: "SPRING: 50% off the first 3 payments"."""
    if coupon.amount_off is None:
        off = f"{coupon.percent}%"
    else:
        off = show(Money(coupon.amount_off, coupon.currency), language)
    facts = {"code": coupon.code, "off": off, "n": coupon.periods}
    if coupon.periods is None:
        return _("%(code)s: %(off)s off every payment") % facts
    if coupon.periods == 1:
        return _("%(code)s: %(off)s off the first payment") % facts
    return _("%(code)s: %(off)s off the first %(n)d payments") % facts


def named_plans(coupon: Coupon) -> list[str]:
    """The plans on sale that it is for; empty when for any."""
    return list(coupon.plans.filter(on_sale=True).values_list("name", flat=True))
