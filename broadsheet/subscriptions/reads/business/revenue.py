"""Revenue by plan: charged, given back and earned in a month, beside what the books say."""

from collections import defaultdict
from fractions import Fraction

from django.utils.translation import gettext as _

from broadsheet.ledger.rules import SALES
from broadsheet.subscriptions.charts import INKS, Chart, Series
from broadsheet.subscriptions.models import MonthSum, Plan
from broadsheet.subscriptions.reads.business import books, tables
from broadsheet.subscriptions.reads.business.earnings import CHARGED, EARNED, REFUNDED
from broadsheet.subscriptions.reads.business.tables import SHOWN, Cell, Table
from broadsheet.subscriptions.reads.business.written import Words

NO_PLAN = 0
"""What the books earned and no plan did: sums not made yet, and what older versions booked."""

Amounts = dict[tuple[int, int], dict[str, int]]
"""By month and plan, what each kind came to, net minor units."""


def by_plan(words: Words) -> list[Table]:
    """A table for each currency, a line for each month and plan."""
    sold = _sold()
    for month, code, amount in _earned_in_the_books(words):
        by = sold.setdefault(code, defaultdict(dict))
        told = sum(kinds.get(EARNED, 0) for (at, _plan), kinds in by.items() if at == month)
        if told != amount:
            by[month, NO_PLAN][EARNED] = amount - told
    names = dict(Plan.objects.values_list("pk", "name"))
    names[NO_PLAN] = _("What is not counted by plan yet")
    return [_table(code, by, names, words) for code, by in sorted(sold.items()) if by]


def _sold() -> dict[str, Amounts]:
    found: dict[str, Amounts] = defaultdict(lambda: defaultdict(dict))
    rows = MonthSum.objects.filter(kind__in=(CHARGED, REFUNDED, EARNED))
    columns = ("month", "currency", "plan", "kind", "net")
    for month, code, plan, kind, net in rows.values_list(*columns):
        if net:
            amounts = found[code][month, plan]
            amounts[kind] = amounts.get(kind, 0) + net
    return dict(found)


def _earned_in_the_books(words: Words) -> list[tuple[int, str, int]]:
    return [
        (int(row.month[:4]) * 12 + int(row.month[5:]) - 1, row.currency, row.credit - row.debit)
        for row in books.sums(words)
        if row.account == SALES
    ]


def _table(code: str, by: Amounts, names: dict[int, str], words: Words) -> Table:
    places = sorted(by, key=lambda place: (place[0], names.get(place[1], "")), reverse=False)
    recent = tables.this_month(words) - SHOWN
    return Table(
        title=_("Revenue by plan in %(currency)s") % {"currency": code},
        about=(
            _("Charged: what was paid in the month for a plan, without tax, gifts too. Given back:"
              " by refunds and lost disputes. Earned: what the books earned in the month, day by"
              " day; of a gift from when it is redeemed."),
        ),
        head=(_("Month"), _("Plan"), _("Charged"), _("Given back"), _("Earned")),
        keys=("month", "plan", CHARGED, REFUNDED, EARNED),
        rows=tuple(_line(place, by[place], code, names, words) for place in places),
        charts=(_chart(code, by, names, words),),
        currency=code,
        shown=sum(month > recent for month, _plan in places),
    )  # fmt: skip


def _line(
    place: tuple[int, int], kinds: dict[str, int], code: str, names: dict[int, str], words: Words
) -> tuple[Cell, ...]:
    month, plan = place
    amounts = (tables.money(kinds.get(kind, 0), code, words) for kind in (CHARGED, REFUNDED))
    earned = tables.money(kinds.get(EARNED, 0), code, words)
    return (tables.month(month, words), tables.text(names.get(plan, "")), *amounts, earned)


def _chart(code: str, by: Amounts, names: dict[int, str], words: Words) -> Chart:
    """The plans that earned most, each in its ink; the others in the last one."""
    last = tables.this_month(words)
    shown = range(max(min(month for month, _plan in by), last - SHOWN + 1), last + 1)
    sums: dict[int, int] = defaultdict(int)
    for (_month, plan), kinds in by.items():
        sums[plan] += kinds.get(EARNED, 0)
    ranked = sorted(sums, key=lambda plan: (-sums[plan], plan))
    parts = [(names.get(plan, ""), {plan}) for plan in ranked[: INKS - 1]]
    if rest := set(ranked[INKS - 1 :]):
        parts.append((_("Others"), rest))
    series = [
        Series(name, [_earned(code, by, month, plans) for month in shown]) for name, plans in parts
    ]
    labels = [tables.brief(month, words) for month in shown]
    title, said = _("Earned by plan"), _("What the books earned in each month, without tax.")
    return tables.bars(title, said, labels, series, tables.in_money(code, words))


def _earned(code: str, by: Amounts, month: int, plans: set[int]) -> float:
    amounts = (by.get((month, plan), {}).get(EARNED, 0) for plan in plans)
    return tables.major(Fraction(sum(amounts)), code)
