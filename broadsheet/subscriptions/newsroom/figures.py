"""Figures of the business: each a screen of tables with their charts, and a file."""

from collections.abc import Callable
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.subscriptions.newsroom.frame import screen, show
from broadsheet.subscriptions.reads.business import funnel, recurring, revenue, tables, wanted
from broadsheet.subscriptions.reads.business.tables import Table
from broadsheet.subscriptions.reads.business.written import Words, words

COUNTS, MONEY = "subscriptions.view_subscription", "ledger.view_payment"
"""Numbers of readers are for those who see the overview, money for those who see the books."""


class Figure(NamedTuple):
    """One of the screens: its address, who may see it, what it is called, where it comes from.

    `empty` is said when there is nothing to show yet.
    """

    slug: str
    right: str
    label: str | Promise
    read: Callable[[Words], list[Table]]
    empty: str | Promise

    @property
    def name(self) -> str:
        """The name of its address; that of its file ends in "_file"."""
        return f"business_figures_{self.slug}"


NOBODY = gettext_lazy(
    "No subscriptions yet: the figures begin with the first paid one. They are counted again every"
    " few minutes."
)
FIGURES = (
    Figure(
        "funnel",
        COUNTS,
        gettext_lazy("From read to paid"),
        funnel.funnel,
        gettext_lazy("Nothing was read yet: the figures begin with the first free article."),
    ),
    Figure("mrr", MONEY, gettext_lazy("MRR"), recurring.recurring, NOBODY),
    Figure("churn", MONEY, gettext_lazy("Churn"), recurring.churn, NOBODY),
    Figure("retention", COUNTS, gettext_lazy("Retention"), recurring.retention, NOBODY),
    Figure("plans", MONEY, gettext_lazy("Revenue by plan"), revenue.by_plan, NOBODY),
    Figure(
        "limit",
        COUNTS,
        gettext_lazy("Another free limit"),
        wanted.another_limit,
        lazy(wanted.nothing_yet, str)(),
    ),
)


def _screen(figure: Figure) -> Callable[..., HttpResponse]:
    @screen(figure.right)
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        context = {
            "tabs": _tabs(request, figure),
            "tables": figure.read(words()),
            "empty": figure.empty,
            "as_of": recurring.as_of(),
            "file": reverse(f"{figure.name}_file"),
        }
        title = _("Figures: %(name)s") % {"name": figure.label}
        return show(request, "figures", title, context, icon="view")

    return view


def _tabs(request: HttpRequest, here: Figure) -> list[tuple[str, str, bool]]:
    allowed = [one for one in FIGURES if request.user.has_perm(one.right)]
    return [(reverse(one.name), str(one.label), one is here) for one in allowed]


def _file(figure: Figure) -> Callable[..., HttpResponse]:
    @screen(figure.right)
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        written = words()
        named = f"{figure.slug}-{clock.now().astimezone(written.zone):%Y-%m-%d}.csv"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{named}"'},
        )
        tables.write_csv(response, figure.read(written))
        return response

    return view


@screen(COUNTS)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """The first of the screens that the member of staff may see."""
    return redirect(_tabs(request, FIGURES[0])[0][0])


ADDRESSES = [path("business/figures/", figures, name="business_figures")] + [
    place
    for one in FIGURES
    for place in (
        path(f"business/figures/{one.slug}/", _screen(one), name=one.name),
        path(f"business/figures/{one.slug}.csv", _file(one), name=f"{one.name}_file"),
    )
]
