"""Has every grant in force a cause of its own kind? What has not, with a remedy."""

from collections.abc import Iterator, Mapping

from django.db.models import Q

from broadsheet.ledger.checks import Problem
from broadsheet.subscriptions.checks.saying import BACKUP, chunked, named
from broadsheet.subscriptions.gift_rules import GIFT
from broadsheet.subscriptions.models import COMPLIMENTARY, CouponUse, Grant
from broadsheet.subscriptions.rules import COUPON, IMPORT, INSTITUTION, LENT

CAUSES: Mapping[str, str] = {
    **dict.fromkeys(LENT, "subscription"),
    **dict.fromkeys(LENT.values(), "seat"),
    GIFT: "gift",
    IMPORT: "imported",
    INSTITUTION: "institution",
    COUPON: "",
    COMPLIMENTARY: "",
}
"""Every source there is, and which column of a grant names its cause. A coupon's use is found by
reader and code; what staff give has no other cause."""
COLUMNS = ("subscription", "seat", "gift", "imported", "institution")
NOUNS = {"imported": "import"}


def problems() -> Iterator[Problem]:
    """No source but those, each with its cause and no other; coupons open what they were for."""
    known = Q(pk__in=())
    for source, cause in CAUSES.items():
        known |= Q(source=source, **{f"{name}__isnull": name != cause for name in COLUMNS})
    for grant in Grant.objects.filter(~known, revoked_at=None).iterator():
        yield Problem(f"{named(grant)} {_flaw(grant)}", BACKUP)
    for chunk in chunked(Grant.objects.filter(source=COUPON, revoked_at=None)):
        yield from _coupons(chunk)


def _flaw(grant: Grant) -> str:
    cause = CAUSES.get(grant.source)
    if cause is None:
        return f"is of a source that there is not: “{grant.source}”."
    if cause and getattr(grant, f"{cause}_id") is None:
        return f"has no {NOUNS.get(cause, cause)} behind it."
    return f"is “{grant.source}”, but has the cause of something else."


def _coupons(chunk: list[Grant]) -> Iterator[Problem]:
    uses = CouponUse.objects.select_related("coupon", "version").filter(
        reader__in={grant.reader_id for grant in chunk}, final_at__isnull=False
    )
    used = {(use.reader_id, use.coupon.code): use for use in uses}
    for grant in chunk:
        use = used.get((grant.reader_id, grant.reason))
        opened = use is not None and grant.entitlement in use.version.entitlements
        if use is None or not opened or grant.valid_from != use.opens:
            yield Problem(f"{named(grant)} has no use of a coupon.", BACKUP)
        elif grant.valid_until != use.closes:
            yield Problem(f"{named(grant)} ends at another time than its coupon.", BACKUP)
