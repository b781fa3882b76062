"""Money that went wrong: charges that failed, and payments that a bank took back."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import disputes as disputing
from broadsheet.subscriptions.reads.business import failing
from broadsheet.subscriptions.reads.business.payments import Sink
from broadsheet.subscriptions.reads.business.written import Words, words


class Trouble(NamedTuple):
    """A list of what went wrong: its template, what its file is called, which `states` it can be
    narrowed to, what is `found` in one, its `lines` on the screen and in the file."""

    name: str
    file: str
    title: str | Promise
    states: Callable[[], list[tuple[str, str]]]
    found: Callable[[str], QuerySet[Any]]
    lines: Callable[[Iterable[Any], Words], list[Any]]
    write_csv: Callable[[Sink, QuerySet[Any], Words], None]


FAILED = Trouble(
    "failed",
    "failed-charges",
    _("Failed charges"),
    failing.states,
    failing.failing,
    failing.failing_rows,
    failing.write_csv,
)
"""Who is in grace: since when, how often it was tried, what they were told, when it ends."""
DISPUTES = Trouble(
    "disputes",
    "disputes",
    _("Disputes"),
    disputing.states,
    disputing.disputes,
    disputing.dispute_rows,
    disputing.write_csv,
)
"""Open ones first, with the day until which evidence can be sent."""


def _screen(trouble: Trouble) -> Callable[..., HttpResponse]:
    @screen("ledger.view_payment")
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        page = page_of(request, trouble.found(state))
        context = {
            "page": page,
            "rows": trouble.lines(page.object_list, words()),
            "state": state,
            "states": trouble.states(),
        }
        return show(request, trouble.name, str(trouble.title), context, icon="warning")

    return view


def _file(trouble: Trouble) -> Callable[..., HttpResponse]:
    @screen("ledger.view_payment")
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        written = words()
        named = f"{trouble.file}-{clock.now().astimezone(written.zone):%Y-%m-%d}.csv"
        response = HttpResponse(
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{named}"'},
        )
        trouble.write_csv(response, trouble.found(request.GET.get("state", "")), written)
        return response

    return view


failed, failed_export = _screen(FAILED), _file(FAILED)
disputes, disputes_export = _screen(DISPUTES), _file(DISPUTES)
