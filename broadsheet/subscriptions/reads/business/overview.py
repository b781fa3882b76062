"""Readers and money at a glance."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from broadsheet.kit import clock
from broadsheet.ledger import gateways
from broadsheet.ledger.actions import undecided
from broadsheet.ledger.models import Dispute, Posting, RefundOrder
from broadsheet.ledger.rules import DEFERRED, SALES
from broadsheet.subscriptions.models import Checkout, Plan, ReadingCount, Subscription
from broadsheet.subscriptions.reads.business.written import Words, month_name
from broadsheet.subscriptions.reads.debits import silent

MONTHS = 6
_ROW = "versions__subscriptions__"


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Live subscribers of a plan, and those of them who are in the trial, who pause now, who are
    overdue, and who will leave."""

    pk: int
    name: str
    live: int
    trial: int
    paused: int
    overdue: int
    leaving: int


@dataclass(frozen=True, slots=True)
class IncomeRow:
    """Income in one currency, by month, without tax."""

    currency: str
    amounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreeReads:
    """Free articles opened in a month."""

    month: str
    anonymous: int
    registered: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first screen. Counts are of now, or of the present month in the paper's zone."""

    plans: tuple[PlanFigures, ...]
    live: int
    began: int
    ended: int
    overdue: int
    refused: int
    refunds: int
    silent: int
    disputes: int
    has_gateway: bool
    free_reads: tuple[FreeReads, ...]


def overview(words: Words) -> Overview:
    """Everything but the money."""
    start = words.first_of_month(clock.now())
    plans = _plans()
    real = Subscription.objects.exclude(end_reason=Subscription.DUPLICATE)
    # By the first paid period: the anchor moves when the plan is changed.
    began = real.filter(periods__number=0, periods__starts__gte=start)
    return Overview(
        plans=plans,
        live=sum(plan.live for plan in plans),
        began=began.count(),
        ended=real.filter(ended_at__gte=start).count(),
        overdue=sum(plan.overdue for plan in plans),
        refused=Checkout.objects.exclude(problem="").count(),
        refunds=RefundOrder.objects.exclude(problem="").filter(told_at=None).count(),
        silent=silent(clock.now()).count(),
        disputes=undecided().filter(step=Dispute.OPEN).count(),
        has_gateway=gateways.is_connected(),
        free_reads=_free_reads(words),
    )


def _plans() -> tuple[PlanFigures, ...]:
    live = ~Q(**{f"{_ROW}state": Subscription.ENDED})
    tried = live & Q(**{f"{_ROW}trial_ends__gt": clock.now()})
    counted = Plan.objects.annotate(
        live=Count(f"{_ROW}pk", filter=live),
        trial=Count(f"{_ROW}pk", filter=tried),
        paused=Count(f"{_ROW}pk", filter=Q(**{f"{_ROW}state": Subscription.PAUSED})),
        overdue=Count(f"{_ROW}pk", filter=Q(**{f"{_ROW}state": Subscription.PAST_DUE})),
        leaving=Count(f"{_ROW}pk", filter=live & Q(**{f"{_ROW}renews": False})),
    )
    # Django leaves Meta.ordering out of grouped queries.
    ordered = counted.order_by("order", "name")
    columns = ("pk", "name", "live", "trial", "paused", "overdue", "leaving")
    rows = ordered.values_list(*columns)
    return tuple(PlanFigures(*row) for row in rows)


def month_names(words: Words) -> list[str]:
    """The head of the table of income: the present month and those before it."""
    return [month_name(words.first_of_month(clock.now(), back)) for back in range(MONTHS)]


def income(words: Words) -> list[IncomeRow]:
    """What subscriptions brought, earned already or not, by the month it was paid in; a gift
    subscription by the month it was redeemed in, and not at all before. Refunds are taken off in
    the month they were made in."""
    firsts = [words.first_of_month(clock.now(), back) for back in range(MONTHS)]
    sold = Posting.objects.filter(
        account__in=(SALES, DEFERRED), journal__at__gte=firsts[-1]
    ).order_by()
    sums = (
        sold.annotate(month=TruncMonth("journal__at", tzinfo=words.zone))
        .values("currency", "month")
        .annotate(sum=Sum("amount"))
    )
    found = {(row["currency"], _key(row["month"])): -row["sum"] for row in sums}
    return [
        IncomeRow(code, tuple(words.amount(found.get((code, _key(at)), 0), code) for at in firsts))
        for code in sorted({code for code, _month in found})
    ]


def _key(at: datetime) -> str:
    return at.strftime("%Y-%m")


def _free_reads(words: Words) -> tuple[FreeReads, ...]:
    firsts = [words.first_of_month(clock.now(), back) for back in (0, 1)]
    reads = ReadingCount.objects.filter(outcome="read", month__in=[_key(at) for at in firsts])
    sums = reads.values("month", "kind").annotate(sum=Sum("number"))
    found = {(row["month"], row["kind"]): row["sum"] for row in sums}
    kinds = ("anonymous", "registered")
    return tuple(
        FreeReads(month_name(at), *(found.get((_key(at), kind), 0) for kind in kinds))
        for at in firsts
    )
