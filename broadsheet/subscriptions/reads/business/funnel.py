"""From read to wall to checkout to paid, month by month."""

from collections import defaultdict
from fractions import Fraction

from django.db.models import Sum
from django.utils.translation import gettext as _

from broadsheet.subscriptions.charts import Chart, Series
from broadsheet.subscriptions.models import MonthSum, ReadingCount
from broadsheet.subscriptions.reads.business import tables
from broadsheet.subscriptions.reads.business.moving import CHECKOUT, PAID
from broadsheet.subscriptions.reads.business.tables import SHOWN, Cell, Table
from broadsheet.subscriptions.reads.business.written import Words

READ, STOP = "read", "stop"
STAGES = (READ, STOP, CHECKOUT, PAID)

Counts = dict[int, dict[str, int]]


def funnel(words: Words) -> list[Table]:
    """One table with a line for each month in which anything was counted."""
    found = _counts()
    months = [month for month in sorted(found) if month <= tables.this_month(words)]
    if not months:
        return []
    return [
        Table(
            title=_("From read to paid"),
            about=(
                _("Opened: free articles that readers opened. Stopped: times that a wall was shown"
                  " instead. Checkouts: readers who went on to pay. Paid: first payments of"
                  " subscriptions. Readers come to the checkout without a wall too, and pay in"
                  " another month: then there is no share."),
                _("Of an erased account the checkouts and payments stay counted, without it."),
            ),
            head=(
                _("Month"), _("Opened"), _("Stopped"), _("Checkouts"), _("Paid"),
                _("Stopped of all"), _("Checkouts for 100 stopped"), _("Paid of the checkouts"),
            ),
            keys=("month", "opened", "stopped", "checkouts", "paid", "stopped_percent",
                  "checkouts_for_100_stopped", "paid_percent"),
            rows=tuple(_line(month, found[month], words) for month in months),
            charts=(_stages(found, months[-SHOWN:], words), _rates(found, months[-SHOWN:], words)),
            shown=SHOWN,
        )
    ]  # fmt: skip


def _counts() -> Counts:
    found: Counts = defaultdict(lambda: dict.fromkeys(STAGES, 0))
    reading = ReadingCount.objects.filter(outcome__in=(READ, STOP)).order_by()
    for month, outcome, number in reading.values_list("month", "outcome").annotate(Sum("number")):
        found[int(month[:4]) * 12 + int(month[5:]) - 1][outcome] += number
    paying = MonthSum.objects.filter(kind__in=(CHECKOUT, PAID)).order_by()
    for at, kind, number in paying.values_list("month", "kind").annotate(Sum("number")):
        found[at][kind] += number
    return found


def _line(month: int, by: dict[str, int], words: Words) -> tuple[Cell, ...]:
    counted = (tables.count(by[stage]) for stage in STAGES)
    stopped, paid = map(tables.share, _shares(by))
    return (tables.month(month, words), *counted, stopped, _checkouts(by), paid)


def _checkouts(by: dict[str, int]) -> Cell:
    """For 100 stops: no share, for whoever checks out need not have been stopped."""
    if not by[STOP]:
        return tables.text("")
    return tables.tenth(Fraction(by[CHECKOUT] * 100, by[STOP]))


def _shares(by: dict[str, int]) -> tuple[Fraction | None, ...]:
    """Stops of all that was opened or stopped, payments of checkouts; None where the part is no
    part of the whole."""
    wholes = ((STOP, by[READ] + by[STOP]), (PAID, by[CHECKOUT]))
    return tuple(
        Fraction(by[part], whole) if 0 < whole >= by[part] else None for part, whole in wholes
    )


def _stages(found: Counts, months: list[int], words: Words) -> Chart:
    """Checkouts and payments: beside reads and stops they would be too small to be seen."""
    labels = [tables.brief(month, words) for month in months]
    series = [
        Series(_("Paid"), [float(found[m][PAID]) for m in months]),
        Series(
            _("Checkouts not paid"),
            [float(max(found[m][CHECKOUT] - found[m][PAID], 0)) for m in months],
        ),
    ]
    said = _("Readers who went to the checkout, and those of them who paid.")
    return tables.bars(_("Checkouts"), said, labels, series, tables.in_numbers)


def _rates(found: Counts, months: list[int], words: Words) -> Chart:
    labels = [tables.brief(month, words) for month in months]
    names = (_("Stopped of all"), _("Paid of the checkouts"))
    columns = zip(*(_shares(found[month]) for month in months), strict=True)
    series = [
        Series(name, [None if part is None else float(part * 100) for part in column])
        for name, column in zip(names, columns, strict=True)
    ]
    said = _("Stopped, of all that readers opened or were stopped at; paid, of the checkouts.")
    return tables.lines(_("In per cent"), said, labels, series, tables.in_percent)
