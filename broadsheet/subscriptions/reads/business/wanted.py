"""What another number of free articles would have done last month."""

from django.utils.translation import gettext as _

from broadsheet.kit import clock
from broadsheet.subscriptions.charts import Chart, Series
from broadsheet.subscriptions.demand import Demand, Effect, effect, payers, share_between
from broadsheet.subscriptions.models import MonthSum, ReadingDemand
from broadsheet.subscriptions.reads.business import tables
from broadsheet.subscriptions.reads.business.moving import PAID
from broadsheet.subscriptions.reads.business.tables import Cell, Table
from broadsheet.subscriptions.reads.business.written import Words, month_range, words

MOST = 12
"""Limits up to this one are shown, or to some above the month's."""

KINDS = ("anonymous", "registered")
Range = tuple[float, float]
Group = tuple[str, int, list[Demand]]


def another_limit(words: Words) -> list[Table]:
    """A table for readers without an account, and one for those with one."""
    month = tables.this_month(words) - 1
    groups = [group for kind in KINDS if (group := _group(kind, tables.key_of(month)))]
    walled = sum(effect(demand, limit).readers for _kind, limit, demand in groups)
    counted = MonthSum.objects.filter(month=month, kind=PAID).values_list("number", flat=True)
    between = share_between(sum(counted), walled)
    return [_table(group, between, month, words) for group in groups]


def nothing_yet() -> str:
    """When the first figures appear, in the present language."""
    paper = words()
    following = month_range(paper.first_of_month(clock.now()))[1]
    told = _(
        "No whole month was counted yet. The first figures appear on the first of a month, about"
        " the one before, if readers were metered through all of it: on %(day)s at the earliest."
    )
    return told % {"day": paper.day(following)}


def _group(kind: str, month: str) -> Group | None:
    """The limit that most readers of a kind had in the month, and what they wanted."""
    rows = ReadingDemand.objects.filter(month=month, kind=kind)
    by_limit: dict[int, list[Demand]] = {}
    for limit, *facts in rows.values_list("limit", "reads", "behind", "number"):
        by_limit.setdefault(limit, []).append(Demand(*facts))
    if not by_limit:
        return None
    limit = max(by_limit, key=lambda limit: (sum(d.readers for d in by_limit[limit]), -limit))
    return kind, limit, by_limit[limit]


def _table(group: Group, between: Range, month: int, words: Words) -> Table:
    kind, limit, demand = group
    effects = [effect(demand, other) for other in range(max(MOST, limit + 4) + 1)]
    names = {"anonymous": _("Readers without an account"), "registered": _("With an account")}
    facts = {"month": tables.month(month, words).shown, "limit": limit}
    return Table(
        title=names[kind],
        about=(
            _("Simulation: the readers of %(month)s with the articles they opened or were stopped"
              " at, had another number been free than %(limit)d.") % facts,
            _("Subscriptions: a range, not a promise. So many of the readers at the wall would pay"
              " if the share of them that paid in that month stayed the same, with the uncertainty"
              " of small numbers. Limits of a section or of an entitlement are not in it."),
        ),
        head=(_("Free articles"), _("Readers at the wall"), _("Articles behind it"),
              _("Readers more or less"), _("Subscriptions, from"), _("to")),
        keys=("free_articles", "readers_at_the_wall", "articles_behind_it", "difference",
              "subscriptions_from", "subscriptions_to"),
        rows=tuple(_line(one, effects[limit], between) for one in effects),
        charts=(_chart(names[kind], effects),),
    )  # fmt: skip


def _line(one: Effect, present: Effect, between: Range) -> tuple[Cell, ...]:
    low, high = payers(one.readers, between)
    name = str(one.limit)
    if one.limit == present.limit:
        name = _("%(limit)s, as it was") % {"limit": name}
    numbers = (one.readers, one.behind, one.readers - present.readers, low, high)
    return (tables.text(name, str(one.limit)), *map(tables.count, numbers))


def _chart(name: str, effects: list[Effect]) -> Chart:
    labels = [str(one.limit) for one in effects]
    series = [Series(name, [float(one.readers) for one in effects])]
    title = _("Readers at the wall, by the number of free articles")
    said = _("The more articles are free, the fewer readers meet the wall.")
    return tables.bars(title, said, labels, series, tables.in_numbers)
