"""Readers at the desk: found by address or name, each with all that the paper has to do with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import finding, life, subscribers
from broadsheet.subscriptions.reads.business import reader as reads
from broadsheet.subscriptions.reads.business.story import with_story
from broadsheet.subscriptions.reads.business.written import words

RIGHT = "subscriptions.view_subscription"


@screen(RIGHT)
@require_safe
def readers(request: HttpRequest) -> HttpResponse:
    """Every account, with a subscription or without."""
    query = request.GET.get("q", "").strip()[:100]
    page = page_of(request, finding.readers(query))
    rows = [finding.reader_row(row) for row in page.object_list]
    context = {"page": page, "rows": rows, "query": query}
    return show(request, "readers", _("All readers"), context, icon="user")


@screen(RIGHT)
@require_safe
def reader(request: HttpRequest, pk: int) -> HttpResponse:
    """One reader: the account, what it may read and why, and all that happened."""
    found, written = get_object_or_404(User, pk=pk), words()
    rows = subscribers.subscriptions().filter(reader=found)
    held = list(with_story(rows))
    page = page_of(request, life.timeline(found, held, written))
    context = {
        "account": reads.account_view(found, held, written),
        "rights": reads.right_rows(found),
        "held": reads.held_rows(held, written),
        "page": page,
    }
    above = ((reverse("business_readers"), _("All readers")),)
    return show(request, "reader", found.email, context, icon="user", above=above)


ADDRESSES = [
    path("business/readers/", readers, name="business_readers"),
    path("business/readers/<int:pk>/", reader, name="business_reader"),
]
