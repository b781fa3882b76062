"""Money that went wrong: charges that failed, and payments that a bank took back."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import disputes as disputing
from broadsheet.subscriptions.reads.business import failing
from broadsheet.subscriptions.reads.business.written import Words, words


@screen("ledger.view_payment")
@require_safe
def failed(request: HttpRequest) -> HttpResponse:
    """Who is in grace: since when, how often it was tried, what they were told, when it ends."""
    state, written = request.GET.get("state", ""), words()
    page = page_of(request, failing.failing(state))
    context = {
        "page": page,
        "rows": failing.failing_rows(page.object_list, written),
        "state": state,
        "states": failing.states(),
    }
    return show(request, "failed", _("Failed charges"), context, icon="warning")


@screen("ledger.view_payment")
@require_safe
def failed_export(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    written = words()
    response = _file("failed-charges", written)
    failing.write_csv(response, failing.failing(request.GET.get("state", "")), written)
    return response


@screen("ledger.view_payment")
@require_safe
def disputes(request: HttpRequest) -> HttpResponse:
    """Open ones first, with the day until which evidence can be sent."""
    state, written = request.GET.get("state", ""), words()
    page = page_of(request, disputing.disputes(state))
    context = {
        "page": page,
        "rows": [disputing.dispute_row(row, written) for row in page.object_list],
        "state": state,
        "states": disputing.states(),
    }
    return show(request, "disputes", _("Disputes"), context, icon="warning")


@screen("ledger.view_payment")
@require_safe
def disputes_export(request: HttpRequest) -> HttpResponse:
    """The same list as a file."""
    written = words()
    response = _file("disputes", written)
    disputing.write_csv(response, disputing.disputes(request.GET.get("state", "")), written)
    return response


def _file(name: str, written: Words) -> HttpResponse:
    named = f"{name}-{clock.now().astimezone(written.zone):%Y-%m-%d}.csv"
    return HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{named}"'},
    )
