"""Whether the gateway in force can sell what is proposed: said before a reader is sent there."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from broadsheet.desk.models import Paper
from broadsheet.ledger import gateways
from broadsheet.ledger.providers.base import Ability, GatewayRefused, Order, Provider
from broadsheet.subscriptions.models import PlanVersion
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.proposals import (
    Proposal,
    first_price,
    first_time,
    needs,
    ordinary,
    trials,
)

WITHOUT: dict[str, Any] = {
    "once": gettext_lazy("it cannot charge without renewal"),
    "trial": gettext_lazy("it has no trials"),
    "trial_opening": gettext_lazy("it cannot charge another price at first after a trial"),
    "opening": gettext_lazy("it cannot charge another price at first"),
}

SAID = (
    gettext_noop("Razorpay cannot charge another price for the first periods."),
    gettext_noop("Sell the plan without it, or as a prepaid plan at that price."),
    gettext_noop("A prepaid plan has no trial."),
    gettext_noop("Sell it without the trial."),
    gettext_noop("This is too little for Razorpay."),
    gettext_noop("Ask for more."),
    gettext_noop("Razorpay renews every seven days at most, and once a year at least."),
    gettext_noop("Sell it as a prepaid plan, which does not renew."),
    gettext_noop("Stripe takes more than zero."),
    gettext_noop("Ask for a price."),
    gettext_noop("What does not renew has neither a trial nor another first price."),
    gettext_noop("Sell it as it is."),
    gettext_noop("Stripe would count the first price from the begin of the trial."),
    gettext_noop("Offer one of both."),
    gettext_noop("Stripe's longest trial is two years."),
    gettext_noop("Offer a shorter one."),
    gettext_noop("The first price is not below the usual one."),
    gettext_noop("Give a lower one."),
    gettext_noop("Stripe counts first prices in months, not in days or weeks."),
    gettext_noop("Offer one first period."),
    gettext_noop("Stripe does not take an amount as exact as that in this currency."),
    gettext_noop("Give a code such as INR or EUR."),
    gettext_noop("Give the plan a price that ends in a zero."),
    gettext_noop("Stripe cannot renew more rarely than every three years."),
    gettext_noop("Sell a shorter plan, or one that does not renew."),
)
"""What providers say of an order; they know no Django, so translators find it here."""


def order_of(proposal: Proposal, *, key: str = "", email: str = "", replaces: str = "") -> Order:
    """What is asked of the gateway when somebody agrees to a proposal."""
    paper, version = Paper.load(), proposal.version
    here = f"{origin()}/subscribe"
    return Order(
        key=key,
        email=email,
        amount=proposal.total.amount,
        currency=version.currency,
        interval=version.interval,
        zone=paper.time_zone,
        seller=paper.name,
        description=version.plan.name,
        language=paper.language,
        return_url=f"{here}/return/{key}/",
        cancel_url=f"{here}/left/{key}/",
        replaces=replaces,
        renews=version.renews,
        trial_days=proposal.trial,
        opening=proposal.opening,
    )


def _lacking(provider: Provider, proposal: Proposal) -> set[Ability]:
    wanted = needs(proposal.version)
    if proposal.opening:
        wanted.add("opening")
    if not proposal.trial:
        wanted -= trials(proposal.version)
    return wanted - provider.can


def refused(proposal: Proposal) -> str:
    """Why the gateway in force cannot sell it, for the publisher; "" when it can, or none is."""
    provider = gateways.in_force()
    return refused_by(provider, proposal) if provider else ""


def refused_by(provider: Provider, proposal: Proposal) -> str:
    """The same of a gateway. What is given free is not asked of it."""
    if proposal.free:
        return ""
    if lacks := sorted(_lacking(provider, proposal)):
        return ", ".join(str(WITHOUT[name]) for name in lacks)
    try:
        provider.check_order(order_of(proposal))
    except GatewayRefused as refusal:
        return f"{_(refusal.problem)} {_(refusal.remedy)}"
    return ""


def obstacles(version: PlanVersion) -> str:
    """What of a version's terms the gateway in force cannot charge; "" when all of it."""
    return next((why for one in _offers(version) if (why := refused(one))), "")


def unpayable(version: PlanVersion) -> str:
    """Why nobody new, or nobody who had it before, can pay a version as it is offered: without a
    trial where the gateway has none. "" when they can."""
    return refused(first_time(version)) or refused(ordinary(version))


def _offers(version: PlanVersion) -> Iterator[Proposal]:
    """With all that newcomers get, whether the gateway can do it or not, and without."""
    yield Proposal(version, first_price(version), trial=version.trial_days)
    yield ordinary(version)


def cannot_sell(why: str) -> str:
    """The sentence around it."""
    told = _("The payment gateway %(name)s cannot sell it: %(lacking)s")
    return told % {
        "name": gateways.gateway().name,
        "lacking": why if why.endswith(".") else f"{why}.",
    }
