"""What the books and a gateway say differently, in sentences with what to do."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import Comparison, Difference
from broadsheet.subscriptions.models import Subscription

SHOWN = timedelta(days=30)
"""What was mended is shown for so long."""
MOST = 50


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A line: `subscription` is a key or 0; `mended` None while it differs."""

    at: datetime
    ref: str
    text: str
    remedy: str
    subscription: int
    mended: datetime | None


def last_comparison() -> Comparison | None:
    """The newest comparison that came to its end, of whichever gateway."""
    return Comparison.objects.exclude(ended_at=None).first()


def under_way() -> Comparison | None:
    """A comparison that waits because the gateway is silent."""
    return Comparison.objects.filter(ended_at=None).exclude(problem="").first()


def left() -> QuerySet[Difference]:
    """What still differs."""
    return Difference.objects.filter(mended_at=None)


def mended() -> QuerySet[Difference]:
    """What was mended lately."""
    return Difference.objects.filter(mended_at__gte=clock.now() - SHOWN).order_by("-mended_at")


def difference_rows(found: QuerySet[Difference], language: str) -> list[DifferenceRow]:
    """Lines, the newest first, in as many queries for fifty as for one."""
    rows = list(found[:MOST])
    refs = Subscription.objects.filter(ref__in={row.ref for row in rows})
    known = {(provider, ref): pk for provider, ref, pk in refs.values_list("provider", "ref", "pk")}
    return [
        DifferenceRow(
            at=row.found_at,
            ref=row.ref,
            text=sentence(row, language),
            remedy=row.problem or remedy(row),
            subscription=known.get((row.provider, row.ref), 0),
            mended=row.mended_at,
        )
        for row in rows
    ]


def told(night: Comparison, most: int, language: str) -> tuple[list[DifferenceRow], int]:
    """The first lines for the publisher's mail, in the paper's language, and how many there are."""
    found = left().filter(provider=night.provider)
    with translation.override(language):
        return difference_rows(found[:most], language), found.count()


def sentence(row: Difference, language: str) -> str:
    """What differs."""
    what, _under, how = row.kind.rpartition("_")
    facts = {
        "what": _what(what),
        "ref": row.about or row.ref,
        "ours": _amount(row.ours, row.currency, language),
        "theirs": _amount(row.theirs, row.currency, language),
    }
    return (_money(how) if what in ("charge", "refund", "fee", "dispute") else _whole(row)) % facts


def _money(how: str) -> str:
    words = {
        "missing": _("The gateway has a %(what)s of %(theirs)s, %(ref)s; the books do not."),
        "unknown": _("The books have a %(what)s of %(ours)s, %(ref)s; the gateway does not."),
        "amount": _("The %(what)s %(ref)s is %(ours)s in the books, %(theirs)s at the gateway."),
    }
    return words[how]


def _what(what: str) -> str:
    words = {
        "charge": _("payment"),
        "refund": _("refund"),
        "fee": _("fee"),
        "dispute": _("dispute"),
    }
    return words.get(what, "")


def _whole(row: Difference) -> str:
    words = {
        "unlearned": _("Checkout %(ref)s was opened at the gateway, and its answer was lost."),
        "ended": _("Subscription %(ref)s has ended at the gateway; here it goes on."),
        "stopped": _("Subscription %(ref)s renews no more at the gateway; here it goes on."),
        "runs_on": _("Subscription %(ref)s goes on at the gateway; here its renewal is stopped."),
        "overdue": _("Subscription %(ref)s is overdue at the gateway; here it is paid."),
        "paused": _("Subscription %(ref)s is paused at the gateway otherwise than here."),
        "card": _("Subscription %(ref)s is charged to another card than here."),
        "gone": _("The gateway does not know subscription %(ref)s."),
    }
    return words.get(row.kind, row.kind.replace("%", "%%"))


def remedy(row: Difference) -> str:
    """What a person can do about what settling did not mend."""
    if row.kind == "charge_missing":
        return _("Look it up at the gateway. If nobody reads for it, give it back there.")
    if row.kind == "gone":
        return _("Is it the right account? Compare the key in BROADSHEET_PAYMENTS_URL.")
    if row.kind.endswith("_unknown"):
        return _("Look for it at the gateway: in another account, or in its test mode?")
    if row.kind.endswith("_amount"):
        return _("The books keep what they have. Ask the gateway, and keep its answer.")
    return _("It is tried again every night. Look it up in the gateway's own pages.")


def _amount(minor: int | None, currency: str, language: str) -> str:
    return show(Money(minor, currency), language) if minor is not None else ""
