"""Claiming what partners give: one code for a reader, for good; ended with the entitlement."""

from datetime import datetime

from allauth.idp.oidc.models import Token
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.outbox import queue
from broadsheet.desk.reads import letterhead
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions.models import (
    Grant,
    PartnerBenefit,
    PartnerClaim,
    PartnerCode,
    PartnerWish,
)
from broadsheet.subscriptions.reads.benefits import LACKS, lack_of
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.rights import entitlements

AT_ONCE = 200
"""Claims that one turn of the worker ends."""


def claim(reader: User, benefit: PartnerBenefit) -> PartnerClaim:
    """The reader's claim; the one there is when it was claimed before, with the same code.

    Under the reader's lock, then the benefit's: two readers never get the last code. Raises
    Refusal for a benefit that is not running, a reader without the entitlement, an empty pool.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        locked = PartnerBenefit.objects.select_for_update().get(pk=benefit.pk)
        now = clock.now()
        held = locked.claims.filter(reader=reader).select_related("code")
        known: PartnerClaim | None = held.first()
        if known is not None and known.ended_at is None:
            return known
        _check(reader, locked, now)
        PartnerWish.objects.filter(reader=reader, benefit=locked).delete()
        if known is not None:
            known.ended_at, known.claimed_at = None, now
            known.save(update_fields=["ended_at", "claimed_at"])
            return known
        made = PartnerClaim(reader=reader, benefit=locked, claimed_at=now)
        if locked.kind == PartnerBenefit.CODES:
            made.code = _free_code(locked)
        made.save()
        return made


def _check(reader: User, benefit: PartnerBenefit, now: datetime) -> None:
    if not benefit.is_running(now):
        raise Refusal(_("This benefit is not offered now."), _("See the others on this page."))
    rights = entitlements(reader, now)
    if benefit.entitlement not in rights:
        problem, remedy = LACKS[lack_of(reader, rights, benefit.entitlement)]
        raise Refusal(str(problem), str(remedy))


def _free_code(benefit: PartnerBenefit) -> PartnerCode:
    free = PartnerCode.objects.filter(benefit=benefit, claim=None).order_by("pk")
    found: PartnerCode | None = free.first()
    if found is None:
        problem = _("All codes are taken at the moment.")
        raise Refusal(problem, _("We tell you by mail when there are new ones, if you like."))
    return found


def wish(reader: User, benefit: PartnerBenefit) -> None:
    """Tell this reader when the pool is filled again; asking twice is asking once.

    Raises Refusal while there is a code, and for a reader who could not claim it.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reader.pk)
        _check(reader, benefit, clock.now())
        if benefit.kind != PartnerBenefit.CODES or benefit.codes.filter(claim=None).exists():
            raise Refusal(_("There are codes now."), _("Claim yours with the button."))
        PartnerWish.objects.get_or_create(reader=reader, benefit=benefit)


def forget_wish(reader: User, benefit: PartnerBenefit) -> None:
    """Tell nothing any more."""
    PartnerWish.objects.filter(reader=reader, benefit=benefit).delete()


def fill_pool(benefit: PartnerBenefit, codes: list[str]) -> int:
    """Add the codes that the pool has not yet; how many. Readers who wished to know are told."""
    with transaction.atomic():
        locked = PartnerBenefit.objects.select_for_update().get(pk=benefit.pk)
        known = set(locked.codes.values_list("code", flat=True))
        fresh = [code for code in dict.fromkeys(codes) if code not in known]
        PartnerCode.objects.bulk_create(
            (PartnerCode(benefit=locked, code=code) for code in fresh), batch_size=500
        )
        if fresh and locked.is_running(clock.now()):
            _tell_wishers(locked)
        return len(fresh)


def _tell_wishers(benefit: PartnerBenefit) -> None:
    """Those who can claim it; whoever cannot any more is forgotten."""
    wishes = benefit.wishes.select_related("reader").order_by("made_at")
    rights = Grant.objects.in_force(clock.now()).filter(entitlement=benefit.entitlement)
    for one in wishes.filter(reader__in=rights.values("reader"), reader__is_active=True):
        _mail("benefit_refilled", one.reader, benefit)
    benefit.wishes.all().delete()


def follow_benefits(reader: int) -> None:
    """After a change of an account's grants: claims whose entitlement ended end, and the reader is
    told. Call in the transaction of the change."""
    now = clock.now()
    live = PartnerClaim.objects.filter(reader_id=reader, ended_at=None)
    for one in live.select_related("benefit", "reader"):
        held = Grant.objects.in_force(now).filter(reader_id=reader)
        if not held.filter(entitlement=one.benefit.entitlement).exists():
            _end(one, now)


def end_claims() -> int:
    """Those whose grants ran out by the clock, which nobody announces; how many accounts."""
    now = clock.now()
    held = Grant.objects.in_force(now).filter(
        reader=OuterRef("reader"), entitlement=OuterRef("benefit__entitlement")
    )
    live = PartnerClaim.objects.filter(~Exists(held), ended_at=None, reader__isnull=False)
    lapsed = live.order_by("pk").values_list("reader_id", flat=True)
    readers = list(dict.fromkeys(lapsed[:AT_ONCE]))
    for reader in readers:
        with transaction.atomic():
            User.objects.select_for_update(no_key=True).filter(pk=reader).first()
            follow_benefits(reader)
    return len(readers)


def end_all_claims(reader: User) -> None:
    """The account is closed: nothing is told to partners any more."""
    now = clock.now()
    PartnerClaim.objects.filter(reader=reader, ended_at=None).update(ended_at=now)
    Token.objects.filter(user=reader).delete()


def forget_claimant(reader: User) -> None:
    """The account goes: its claims name nobody any more, and their codes stay spent."""
    end_all_claims(reader)
    for one in PartnerClaim.objects.filter(reader=reader):
        one.subject = f"gone-{one.pk}"
        one.save(update_fields=["subject"])


def _end(one: PartnerClaim, now: datetime) -> None:
    one.ended_at = now
    one.save(update_fields=["ended_at"])
    if one.benefit.client_id is not None:
        Token.objects.filter(client_id=one.benefit.client_id, user=one.reader).delete()
    if one.reader is not None and one.reader.is_active:
        _mail("benefit_ended", one.reader, one.benefit)


def _mail(name: str, reader: User, benefit: PartnerBenefit) -> None:
    names = {
        "partner": benefit.partner,
        "benefit": benefit.title,
        "has_code": benefit.kind == PartnerBenefit.CODES,
        "benefits": f"{origin()}/account/benefits/",
        "subscribe": f"{origin()}/subscribe/",
    }
    queue(reader.email, f"subscriptions/mail/{name}", names, paper=letterhead(origin()))
