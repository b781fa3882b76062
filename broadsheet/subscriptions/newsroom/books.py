"""The books: by month, and all of them as a file."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from broadsheet.kit import clock
from broadsheet.subscriptions.newsroom.frame import screen, show
from broadsheet.subscriptions.reads.business import books as reads
from broadsheet.subscriptions.reads.business.written import words


@screen("ledger.view_payment")
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """Debit, credit and balance of every account in a month; the newest unless asked otherwise."""
    written = words()
    found = reads.sums(written)
    months = reads.months(found, written)
    known = [key for key, _name in months]
    month = request.GET.get("month", "")
    month = month if month in known or not known else known[0]
    context = {
        "months": months,
        "month": month,
        "books": reads.books(found, month, written),
        "audit": reads.last_audit(),
    }
    return show(request, "books", _("Books"), context, icon="table")


@screen("ledger.view_payment")
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Every month as a file."""
    written = words()
    named = f"books-{clock.now().astimezone(written.zone):%Y-%m-%d}.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{named}"'},
    )
    reads.write_csv(response, reads.sums(written))
    return response
