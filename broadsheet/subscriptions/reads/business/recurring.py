"""MRR with its movements, churn, and retention by cohort, from the sums by month."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction

from django.utils.translation import gettext as _

from broadsheet.subscriptions.charts import Chart, Series
from broadsheet.subscriptions.figures import (
    MOVEMENTS,
    Cohort,
    Month,
    Movement,
    Price,
    cohorts,
    months,
)
from broadsheet.subscriptions.models import MonthSum, Summing
from broadsheet.subscriptions.reads.business import tables
from broadsheet.subscriptions.reads.business.tables import SHOWN, Cell, Table
from broadsheet.subscriptions.reads.business.written import Words

LINES = 5
"""Cohorts in the chart, the newest that are at least a month old."""


def as_of() -> datetime | None:
    """When the sums were last made; None when they never were."""
    done = Summing.objects.exclude(ended_at=None).first()
    return done.ended_at if done else None


def _moved() -> dict[str, list[Movement]]:
    """All movements, by currency: sums stand for the readers they sum up."""
    found: dict[str, list[Movement]] = defaultdict(list)
    columns = ("currency", "month", "cohort", "kind", "number", "net", "unit", "length")
    for code, *facts in MonthSum.objects.filter(kind__in=MOVEMENTS).values_list(*columns):
        at, cohort, kind, number, net, unit, size = facts
        found[code].append(Movement(at, cohort, kind, number, Price(net, unit, size)))
    return dict(sorted(found.items()))


Rows = dict[str, list[Month]]


def _by_currency(words: Words) -> Rows:
    """Every month since the first movement, by currency."""
    last = tables.this_month(words)
    return {
        code: months(moved, min(min(one.month for one in moved), last), last)
        for code, moved in _moved().items()
    }


def recurring(words: Words) -> list[Table]:
    """MRR and its movements, a table for each currency: currencies are never added up."""
    return [_mrr(code, rows, words) for code, rows in _by_currency(words).items()]


def churn(words: Words) -> list[Table]:
    """Subscribers and MRR lost, a table for each currency."""
    return [_churn(code, rows, words) for code, rows in _by_currency(words).items()]


def retention(words: Words) -> list[Table]:
    """How many of those who began in a month are still there, a table for each currency."""
    last = tables.this_month(words)
    return [_kept(code, cohorts(moved, last), words) for code, moved in _moved().items()]


def _mrr(code: str, rows: list[Month], words: Words) -> Table:
    names = (_("New"), _("Expansion"), _("Contraction"), _("Churn"), _("Reactivation"))
    about = (
        _("MRR: what subscriptions that renew bring in a month, without tax, as it was paid."
          " A plan of a year counts a twelfth; prepaid plans do not renew and are not in it."),
        _("New: the first subscription of a reader. Expansion and contraction: subscribers who pay"
          " more, or less, than a month before. Churn: those who left. Reactivation: those who had"
          " left and are back."),
        _who_counts(),
    )  # fmt: skip
    return Table(
        title=_("MRR in %(currency)s") % {"currency": code},
        about=about,
        head=(_("Month"), *names, _("MRR at the end"), _("Subscribers")),
        keys=("month", *MOVEMENTS, "mrr", "subscribers"),
        rows=tuple(_mrr_line(row, code, words) for row in rows),
        charts=_mrr_charts(code, rows[-SHOWN:], names, words),
        currency=code,
        shown=SHOWN,
    )


def _who_counts() -> str:
    return _(
        "Subscribers here: those who have paid and renew. Who is in the trial, or pauses, is not"
        " among them; the overview counts both."
    )


def _mrr_line(row: Month, code: str, words: Words) -> tuple[Cell, ...]:
    moved = (tables.money(row.moved[kind], code, words) for kind in MOVEMENTS)
    after = tables.money(row.after, code, words)
    return (tables.month(row.month, words), *moved, after, tables.count(row.readers))


def _mrr_charts(
    code: str, rows: list[Month], names: tuple[str, ...], words: Words
) -> tuple[Chart, ...]:
    labels, axis = [tables.brief(row.month, words) for row in rows], tables.in_money(code, words)
    level = [Series(_("MRR"), [tables.major(row.after, code) for row in rows])]
    moved = [
        Series(name, [tables.major(row.moved[kind], code) for row in rows])
        for kind, name in zip(MOVEMENTS, names, strict=True)
    ]
    facts = {
        "first": tables.money(rows[0].after, code, words).shown,
        "last": tables.money(rows[-1].after, code, words).shown,
    }
    said = _("From %(first)s in the first month to %(last)s in the last.") % facts
    what = _("Growth stands above the line, loss below it.")
    title, moving = _("MRR at the end of each month"), _("What moved it")
    return (
        tables.lines(title, said, labels, level, axis),
        tables.bars(moving, what, labels, moved, axis),
    )


def _churn(code: str, rows: list[Month], words: Words) -> Table:
    last = rows[-SHOWN:]
    labels = [tables.brief(row.month, words) for row in last]
    series = [
        Series(_("Subscribers lost"), [_percent(row.churn) for row in last]),
        Series(_("MRR lost"), [_percent(row.lost) for row in last]),
    ]
    said = _("In per cent of the start of each month.")
    title = _("Churn in %(currency)s") % {"currency": code}
    about = (
        _("Churn: subscribers who left within the month, in per cent of those at its start."),
        _("MRR lost: churn and contraction, in per cent of the MRR at the start of the month."),
        _who_counts(),
    )
    head = (_("Month"), _("At the start"), _("Joined"), _("Left"), _("Churn"), _("MRR lost"))
    keys = ("month", "start", "joined", "left", "churn_percent", "mrr_lost_percent")
    chart = tables.lines(title, said, labels, series, tables.in_percent)
    lines = tuple(_churn_line(row, words) for row in rows)
    return Table(title, about, head, keys, lines, (chart,), code, SHOWN)


def _percent(part: Fraction | None) -> float | None:
    return None if part is None else float(part * 100)


def _churn_line(row: Month, words: Words) -> tuple[Cell, ...]:
    numbers = (row.readers - row.joined + row.left, row.joined, row.left)
    shares = (tables.share(row.churn), tables.share(row.lost))
    return (tables.month(row.month, words), *map(tables.count, numbers), *shares)


def _kept(code: str, found: Sequence[Cohort], words: Words) -> Table:
    """A line for each cohort; in the file one for each cohort and month."""
    ages = range(1, SHOWN)
    title = _("Retention in %(currency)s") % {"currency": code}
    about = (
        _("Cohort: readers whose first subscription began in the same month. Each column says how"
          " many of them subscribe so many months later; who left and came back counts again."),
        _who_counts(),
    )  # fmt: skip
    return Table(
        title=title,
        about=about,
        head=(_("Began in"), _("Readers"), *map(str, ages)),
        keys=("cohort", "readers", *(f"percent_after_{age}_months" for age in ages)),
        rows=tuple(_cohort_line(one, ages, words) for one in found),
        charts=(_cohort_chart(title, found, words),) if any(c.kept[1:] for c in found) else (),
        currency=code,
        shown=SHOWN,
        wide=min(2 + max((len(one.kept) - 1 for one in found[-SHOWN:]), default=0), SHOWN + 1),
    )


def _cohort_line(one: Cohort, ages: Sequence[int], words: Words) -> tuple[Cell, ...]:
    shares = (_still(one, age) for age in ages)
    return (
        tables.month(one.month, words),
        tables.count(one.began),
        *(tables.share(part) for part in shares),
    )


def _still(one: Cohort, age: int) -> Fraction | None:
    return Fraction(one.kept[age], one.began) if age < len(one.kept) and one.began else None


def _cohort_chart(title: str, found: Sequence[Cohort], words: Words) -> Chart:
    drawn = [one for one in found if one.kept[1:]][-LINES:]
    ages = range(SHOWN)
    series = [
        Series(tables.brief(one.month, words), [_percent(_still(one, age)) for age in ages])
        for one in drawn
    ]
    said = _("Per cent of the readers of a month who subscribe so many months later.")
    return tables.lines(title, said, [str(age) for age in ages], series, tables.in_percent)
