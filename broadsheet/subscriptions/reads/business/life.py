"""All that happened with one reader, from every part of the paper that has to do with money."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.ledger.models import FailedCharge, Payment
from broadsheet.subscriptions.models import (
    CouponUse,
    GiftSubscription,
    Grant,
    ImportedSubscription,
    PartnerClaim,
    Seat,
    Subscription,
)
from broadsheet.subscriptions.reads.business.giving import gift_story, redeemed
from broadsheet.subscriptions.reads.business.reader import given_text
from broadsheet.subscriptions.reads.business.story import (
    PAYMENT_PARTS,
    StoryLine,
    failed,
    lifetime,
    paid,
    payment_story,
)
from broadsheet.subscriptions.reads.business.written import Words, reader_name


def timeline(reader: User, found: list[Subscription], words: Words) -> list[StoryLine]:
    """Everything about a reader whose subscriptions of `with_story` are `found`, newest first; in
    as many queries for ten of each kind as for one."""
    lines = [
        StoryLine(reader.date_joined, _("Account made")),
        *_subscribed(found, words),
        *(failed(charge, words) for charge in FailedCharge.objects.filter(reader=reader)),
        *_alone(reader, words),
        *_gifts(reader, words),
        *_seats(reader),
        *_institutions(reader, words),
        *_brought(reader, words),
        *_given(reader, words),
        *_coupons(reader, words),
        *_claims(reader),
    ]
    return sorted(lines, key=lambda line: line.at)[::-1]


def _subscribed(found: list[Subscription], words: Words) -> Iterator[StoryLine]:
    for one in found:
        url = reverse("business_subscription", args=[one.pk])
        for line in lifetime(one, words):
            yield replace(line, about=one.version.plan.name, url=url)


def _alone(reader: User, words: Words) -> Iterator[StoryLine]:
    """Payments that belong to no period and no gift: charged after an end, and given back."""
    found = Payment.objects.filter(reader=reader, period=None, gift=None)
    rows = found.select_related("invoice").prefetch_related(*PAYMENT_PARTS)
    for payment in rows:
        yield paid(payment, payment.card, words)
        yield from payment_story(payment, words)


def _gifts(reader: User, words: Words) -> Iterator[StoryLine]:
    """Those bought with all that became of them; of others' gifts only what the reader did."""
    found = GiftSubscription.objects.filter(Q(buyer=reader) | Q(redeemed_by=reader))
    rows = found.select_related("version__plan", "buyer", "redeemed_by", "payment__invoice")
    for gift in rows.prefetch_related(*(f"payment__{part}" for part in PAYMENT_PARTS)):
        about = _("Gift: %(plan)s") % {"plan": gift.version.plan.name}
        url = reverse("business_gift", args=[gift.pk])
        mine = gift.buyer_id == reader.pk
        for line in gift_story(gift, words) if mine else redeemed(gift, words):
            yield replace(line, about=about, url=url)


def _seats(reader: User) -> Iterator[StoryLine]:
    """In the groups of others."""
    for seat in Seat.objects.filter(reader=reader).select_related("subscription__reader"):
        about = _("Group of %(owner)s") % {"owner": seat.subscription.reader.email}
        url = reverse("business_subscription", args=[seat.subscription_id])
        yield StoryLine(seat.taken_at, _("Took a seat"), about=about, url=url, tone="good")
        if seat.left_at is not None:
            why = seat.get_why_display()
            yield StoryLine(seat.left_at, _("Seat ended"), why, "warn", about=about, url=url)


def _institutions(reader: User, words: Words) -> Iterator[StoryLine]:
    """A line for each institution and beginning, however many rights it gave."""
    found = Grant.objects.filter(reader=reader, institution__isnull=False)
    told: dict[tuple[object, ...], StoryLine] = {}
    for grant in found.select_related("institution").order_by("pk"):
        name = grant.institution.name if grant.institution else ""
        lasts = _lasts(grant.valid_from, grant.valid_until, words)
        what, over = _("Access through an institution"), _("No more through an institution")
        told[name, grant.valid_from] = StoryLine(grant.valid_from, what, f"{name}, {lasts}", "good")
        if grant.revoked_at is not None:
            told[name, "", grant.revoked_at] = StoryLine(grant.revoked_at, over, name, "warn")
    yield from told.values()


def _lasts(opens: datetime, closes: datetime | None, words: Words) -> str:
    end = words.day(closes) if closes else _("without an end")
    return f"{words.day(opens)} – {end}"


def _brought(reader: User, words: Words) -> Iterator[StoryLine]:
    """What the reader had elsewhere."""
    found = ImportedSubscription.objects.filter(reader=reader).select_related("version__plan")
    for row in found:
        plan = row.version.plan.name if row.version else row.get_state_display()
        parts = [row.source, plan]
        if row.last_moment is not None:
            parts.append(_("paid until %(day)s") % {"day": words.day(row.last_moment)})
        if row.cancelled:
            parts.append(_("cancelled there"))
        yield StoryLine(row.imported_at, _("Brought along"), ", ".join(parts))
        if row.welcomed_at is not None:
            yield StoryLine(row.welcomed_at, _("Welcomed by mail"))


def _given(reader: User, words: Words) -> Iterator[StoryLine]:
    """Complimentary access: given, and taken back."""
    found = Grant.objects.filter(reader=reader).complimentary()
    for grant in found.select_related("given_by", "revoked_by").order_by("pk"):
        lasts = _lasts(grant.valid_from, grant.valid_until, words)
        detail = f"{grant.entitlement}, {lasts}: {given_text(grant)}"
        at = grant.given_at or grant.valid_from
        yield StoryLine(at, _("Complimentary access given"), detail, "good")
        if grant.revoked_at is not None:
            by = reader_name(grant.revoked_by) if grant.revoke_reason else ""
            why = ", ".join(part for part in (grant.entitlement, grant.revoke_reason, by) if part)
            yield StoryLine(grant.revoked_at, _("Complimentary access revoked"), why, "warn")


def _coupons(reader: User, words: Words) -> Iterator[StoryLine]:
    """Those that opened a plan for nothing; any other one is told with its checkout."""
    uses = CouponUse.objects.filter(reader=reader, opens__isnull=False)
    for use in uses.select_related("coupon", "version__plan"):
        if use.opens is not None:
            lasts = _lasts(use.opens, use.closes, words)
            detail = f"{use.coupon.code}, {use.version.plan.name}, {lasts}"
            yield StoryLine(use.opens, _("Coupon redeemed"), detail, "good")


def _claims(reader: User) -> Iterator[StoryLine]:
    """Benefits of partners."""
    for claim in PartnerClaim.objects.filter(reader=reader).select_related("benefit"):
        yield StoryLine(claim.claimed_at, _("Partner benefit claimed"), str(claim.benefit))
        if claim.ended_at is not None:
            ended = _("Partner benefit ended")
            yield StoryLine(claim.ended_at, ended, str(claim.benefit), "warn")
