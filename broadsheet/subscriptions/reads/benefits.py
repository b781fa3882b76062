"""Partner benefits as a reader sees them: what can be claimed, what is held, what is over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy

from broadsheet.accounts.models import User
from broadsheet.look.strict import View
from broadsheet.subscriptions.models import (
    Grant,
    PartnerBenefit,
    PartnerClaim,
    PartnerWish,
    Subscription,
)

OFFERED, HELD, EMPTY, OVER = "offered", "held", "empty", "over"
RESTS, NOT_WITH_PLAN, NO_PLAN = "rests", "not_with_plan", "no_plan"

LACKS = {
    RESTS: (
        gettext_lazy("It rests with your subscription and is back when you go on."),
        gettext_lazy("Your account says from when."),
    ),
    NOT_WITH_PLAN: (
        gettext_lazy("This benefit does not come with your plan."),
        gettext_lazy("See which plans have it."),
    ),
    NO_PLAN: (
        gettext_lazy("This benefit comes with a subscription."),
        gettext_lazy("See which plans have it."),
    ),
}
"""What is said to whoever has no right to a benefit, and what to do."""


@dataclass(frozen=True, slots=True)
class BenefitView(View):
    """One benefit for one reader. `state` is one of the seven above; `code` is shown while held.

    `ends` is when the partner's offer ends, `plan` whether a lost entitlement ended it.
    """

    number: int
    partner: str
    title: str
    gives: str
    terms: str
    link: str
    ends: datetime | None
    state: str
    code: str
    by_code: bool
    wished: bool
    claimed: datetime | None
    ended: datetime | None


def may_claim(reader: User, benefit: PartnerBenefit, now: datetime) -> bool:
    """Whether the reader has the entitlement, and the benefit is running."""
    held = Grant.objects.in_force(now).filter(reader=reader, entitlement=benefit.entitlement)
    return benefit.is_running(now) and held.exists()


def lack_of(reader: User, rights: Collection[str], entitlement: str) -> str:
    """Why an entitlement that is not among the reader's `rights` is not: it rests with the
    subscription, does not come with the plan, or there is no plan at all."""
    return _lack(_live(reader), rights, entitlement)


def _live(reader: User) -> Subscription | None:
    found: Subscription | None = reader.subscriptions.live().select_related("version").first()
    return found


def _lack(live: Subscription | None, rights: Collection[str], entitlement: str) -> str:
    """The same; "" for whoever has the entitlement."""
    if entitlement in rights:
        return ""
    paused = live is not None and live.state == Subscription.PAUSED
    if live is not None and paused and entitlement in live.version.entitlements:
        return RESTS
    return NOT_WITH_PLAN if live is not None or rights else NO_PLAN


def benefits_of(reader: User, now: datetime) -> tuple[BenefitView, ...]:
    """Those that run and those the reader ever claimed, what is held first; in five queries."""
    claims = {
        claim.benefit_id: claim
        for claim in PartnerClaim.objects.filter(reader=reader).select_related("code")
    }
    wished = {*PartnerWish.objects.filter(reader=reader).values_list("benefit", flat=True)}
    rights = {
        *Grant.objects.in_force(now).filter(reader=reader).values_list("entitlement", flat=True)
    }
    live = _live(reader)
    running = PartnerBenefit.objects.running(now).values("pk")
    found = PartnerBenefit.objects.filter(Q(pk__in=running) | Q(pk__in=claims)).counted()
    views = [
        _view(one, claims.get(one.pk), _lack(live, rights, one.entitlement), one.pk in wished, now)
        for one in found
    ]
    order = (HELD, OFFERED, EMPTY, RESTS, NOT_WITH_PLAN, NO_PLAN, OVER)
    return tuple(sorted(views, key=lambda view: order.index(view.state)))


def _view(
    benefit: PartnerBenefit, claim: PartnerClaim | None, lacked: str, wished: bool, now: datetime
) -> BenefitView:
    state = _state(benefit, claim, lacked, now)
    code = claim.code.code if claim is not None and claim.code is not None else ""
    return BenefitView(
        benefit.pk, benefit.partner, benefit.title, benefit.gives, benefit.terms, benefit.link,
        benefit.valid_until, state, code if state == HELD else "",
        benefit.kind == PartnerBenefit.CODES, wished,
        claim.claimed_at if claim else None, claim.ended_at if claim else None,
    )  # fmt: skip


def _state(benefit: PartnerBenefit, claim: PartnerClaim | None, lacked: str, now: datetime) -> str:
    is_open = benefit.is_running(now)
    if claim is not None and claim.ended_at is None and not lacked:
        return HELD if is_open or benefit.kind == PartnerBenefit.CODES else OVER
    if not is_open:
        return OVER
    if lacked:
        return lacked
    empty = benefit.kind == PartnerBenefit.CODES and claim is None and not benefit.left
    return EMPTY if empty else OFFERED


def low_pools(now: datetime) -> list[PartnerBenefit]:
    """Benefits with codes that run, and of whose codes fewer are left than the desk wants."""
    pools = PartnerBenefit.objects.running(now).filter(kind=PartnerBenefit.CODES).counted()
    return [pool for pool in pools if pool.left < pool.warn_below]
