"""Readers whose renewal could not be charged: since when, how often tried, what they know."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.accounts.models import Mail
from broadsheet.kit.money import Money, show
from broadsheet.ledger.models import FailedCharge
from broadsheet.look.strict import render
from broadsheet.subscriptions.models import PaidPeriod, Subscription
from broadsheet.subscriptions.reads.business.payments import Sink, guarded
from broadsheet.subscriptions.reads.business.written import Words

HEAD = ("reader", "plan", "amount", "currency", "since", "tries", "last_try", "problem", "ends")
STATES = {
    "": Q(state=Subscription.PAST_DUE),
    "tried": Q(state=Subscription.PAST_DUE) & ~Q(pay_url=""),
    "given_up": Q(state=Subscription.PAST_DUE, pay_url=""),
    "lapsed": Q(state=Subscription.ENDED, end_reason=Subscription.UNPAID),
}


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A line: overdue since `since`, access goes on until `ends`; `mailed` None: no mail yet."""

    subscription: int
    reader: str
    plan: str
    amount: str
    state: str
    tone: str
    since: datetime | None
    tries: int
    last: datetime | None
    problem: str
    mailed: datetime | None
    waits: bool
    ends: datetime


def states() -> list[tuple[str, str]]:
    """The filter's choices."""
    return [
        ("", _("In grace")),
        ("tried", _("The gateway tries again")),
        ("given_up", _("The gateway has given up")),
        ("lapsed", _("Ended, unpaid")),
    ]


def failing(state: str = "") -> QuerySet[Subscription]:
    """Those of a state, the longest overdue first; an unknown state is the first one.

    What no period was ever paid of is overdue since its trial ended.
    """
    paid = PaidPeriod.objects.filter(subscription=OuterRef("pk"), refunded_at=None)
    until = paid.order_by("-number").values("ends")[:1]
    found = Subscription.objects.filter(STATES.get(state, STATES[""])).annotate(
        until=Coalesce(Subquery(until), "trial_ends")
    )
    failures = FailedCharge.objects.filter(
        provider=OuterRef("provider"), reader=OuterRef("reader"), at__gte=OuterRef("until")
    ).order_by()
    newest = failures.order_by("-at", "-pk")
    counted = failures.values("reader").annotate(n=Count("pk")).values("n")
    rows: QuerySet[Subscription] = found.annotate(
        tries=Subquery(counted),
        tried_at=Subquery(newest.values("at")[:1]),
        said=Subquery(newest.values("problem")[:1]),
        paid=Count("periods"),
    ).select_related("reader", "version__plan", "checkout")
    newest_first = F("ended_at").desc(nulls_last=True)
    return rows.order_by(newest_first, F("until").asc(nulls_last=True), "pk")


def failing_rows(found: Iterable[Subscription], words: Words) -> list[FailingRow]:
    """Lines, in as many queries for fifty as for one."""
    rows = list(found)
    with translation.override(words.language):
        mails = _mails(rows, words.language)
    return [_row(row, mails.get(row.reader.email), words) for row in rows]


def _mails(rows: list[Subscription], language: str) -> dict[str, Mail]:
    """The newest mail to each about a charge that failed, by address."""
    wanted = {row.reader.email: _subject(row, language) for row in rows}
    sent = Mail.objects.filter(to__in=wanted, subject__in=set(wanted.values())).order_by("pk")
    return {mail.to: mail for mail in sent if mail.subject == wanted[mail.to]}


def _subject(row: Subscription, language: str) -> str:
    """As `actions.mails.failed` queued it."""
    price = show(_price(row), language)
    return " ".join(render("subscriptions/mail/failed.subject.txt", {"price": price}).split())


def _row(row: Subscription, mail: Mail | None, words: Words) -> FailingRow:
    since = row.until  # type: ignore[attr-defined]
    state, tone = _state(row)
    price = _price(row)
    fresh = mail if mail and since and mail.queued_at >= since else None
    return FailingRow(
        subscription=row.pk,
        reader=row.reader.email,
        plan=row.version.plan.name,
        amount=words.amount(price.amount, price.currency),
        state=state,
        tone=tone,
        since=since,
        tries=row.tries or 0,  # type: ignore[attr-defined]
        last=row.tried_at,  # type: ignore[attr-defined]
        problem=row.said or "",  # type: ignore[attr-defined]
        mailed=(fresh.sent_at or fresh.queued_at) if fresh else None,
        waits=fresh is not None and fresh.sent_at is None,
        ends=row.ended_at or max(since or row.anchor, row.resumes_at or row.anchor) + row.grace,
    )


def _price(row: Subscription) -> Money:
    """What was to be charged: the period after the last one."""
    return row.price_of(row.paid)  # type: ignore[attr-defined]


def _state(row: Subscription) -> tuple[str, str]:
    if not row.is_live:
        return _("ended, unpaid"), "quiet"
    return (_("tried again"), "warn") if row.pay_url else (_("given up"), "bad")


def write_csv(sink: Sink, found: QuerySet[Subscription], words: Words) -> None:
    """Write them as RFC 4180 lines: dates in the paper's zone, amounts in major units."""

    def day(at: datetime | None) -> str:
        return at.astimezone(words.zone).date().isoformat() if at else ""

    lines = csv.writer(sink)
    lines.writerow(HEAD)
    for row in found.iterator(chunk_size=500):
        line, price = _row(row, None, words), _price(row)
        lines.writerow([
            guarded(line.reader), guarded(line.plan), f"{price.major:f}", price.currency,
            day(line.since), line.tries, day(line.last), guarded(line.problem), day(line.ends),
        ])  # fmt: skip
