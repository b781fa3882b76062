"""One reader at the desk: the account, what it may read and why."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import device_count
from broadsheet.kit import clock
from broadsheet.subscriptions.models import (
    COMPLIMENTARY,
    Entitlement,
    Erasure,
    Grant,
    Subscription,
)
from broadsheet.subscriptions.reads.business.story import source_text
from broadsheet.subscriptions.reads.business.subscribers import state_text, until_of
from broadsheet.subscriptions.reads.business.written import Words, reader_name

CAUSES = (
    "subscription__version__plan",
    "seat__subscription__reader",
    "gift__version__plan",
    "institution",
    "given_by",
)
"""What a grant comes from."""


@dataclass(frozen=True, slots=True)
class AccountView:
    """The account itself. `state` in words; `trial` says which one was used, "" for none."""

    email: str
    name: str
    state: str
    tone: str
    joined: datetime
    signed_in: datetime | None
    confirmed: bool
    devices: int
    trial: str


@dataclass(frozen=True, slots=True)
class RightRow:
    """A right in force or to come: `why` says what gave it, `url` leads there or is "". `given` is
    the key of complimentary access, which can be revoked; 0 for anything else."""

    title: str
    why: str
    url: str
    opens: datetime
    closes: datetime | None
    to_come: bool
    given: int


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One of the reader's subscriptions, which has a screen of its own."""

    pk: int
    plan: str
    state: str
    tone: str
    until: str


def account_view(reader: User, found: list[Subscription], words: Words) -> AccountView:
    """The account of a reader who has, or had, these subscriptions."""
    erased = Erasure.objects.filter(reader=reader).first()
    state, tone = (_("open"), "good") if reader.is_active else (_("closed"), "bad")
    if erased is not None:
        facts = {"day": words.day(erased.asked_at)}
        state, tone = _("to be deleted, asked for on %(day)s") % facts, "bad"
    return AccountView(
        email=reader.email,
        name=reader.get_full_name(),
        state=state,
        tone=tone,
        joined=reader.date_joined,
        signed_in=reader.last_login,
        confirmed=EmailAddress.objects.filter(user=reader, verified=True).exists(),
        devices=device_count(reader),
        trial=_trial(found, words),
    )


def _trial(found: list[Subscription], words: Words) -> str:
    """Each reader has one trial."""
    for one in found:
        if one.trial is not None:
            facts = {"plan": one.version.plan.name, "day": words.day(one.trial.starts)}
            return _("%(plan)s, begun on %(day)s") % facts
    return ""


def held_rows(found: list[Subscription], words: Words) -> list[HeldRow]:
    """The reader's subscriptions, of `subscribers.subscriptions()`, the newest first."""
    rows = []
    for one in found:
        state, tone = state_text(one)
        said = until_of(one)
        until = f"{said.label} {words.day(said.at)}" if said else ""
        rows.append(HeldRow(one.pk, one.version.plan.name, state, tone, until))
    return rows


def right_rows(reader: User) -> list[RightRow]:
    """Every right in force or to come, by right and beginning, each with its reason."""
    now = clock.now()
    titles = dict(Entitlement.objects.values_list("name", "title"))
    lasting = Q(valid_until=None) | Q(valid_until__gt=now)
    grants = Grant.objects.filter(lasting, reader=reader, revoked_at=None).select_related(*CAUSES)
    return [
        RightRow(
            titles.get(grant.entitlement) or grant.entitlement,
            *_why(grant),
            grant.valid_from,
            grant.valid_until,
            grant.valid_from > now,
            grant.pk if grant.source == COMPLIMENTARY else 0,
        )
        for grant in grants.order_by("entitlement", "valid_from", "pk")
    ]


def _why(grant: Grant) -> tuple[str, str]:
    """What gave it, in words, and where that is shown."""
    source = source_text(grant.source)
    if grant.subscription is not None:
        shown = reverse("business_subscription", args=[grant.subscription.pk])
        return f"{source}: {grant.subscription.version.plan.name}", shown
    if grant.seat is not None:
        lent = grant.seat.subscription
        return f"{source}: {lent.reader.email}", reverse("business_subscription", args=[lent.pk])
    if grant.gift is not None:
        shown = reverse("business_gift", args=[grant.gift.pk])
        return f"{source}: {grant.gift.version.plan.name}", shown
    if grant.source == COMPLIMENTARY:
        return f"{source}: {given_text(grant)}", ""
    told = grant.institution.name if grant.institution else grant.reason
    return (f"{source}: {told}" if told else source), ""


def given_text(grant: Grant) -> str:
    """Who gave complimentary access, why, and who decided that it has no end."""
    parts = [grant.reason]
    if grant.given_at is not None:
        parts.append(_("given by %(who)s") % {"who": reader_name(grant.given_by)})
    if grant.decided_by:
        parts.append(_("decided by %(who)s") % {"who": grant.decided_by})
    return ", ".join(part for part in parts if part) or "–"
