"""Gift subscriptions at the desk: who gave what to whom, and what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from broadsheet.subscriptions.newsroom.frame import page_of, screen, show
from broadsheet.subscriptions.reads.business import giving, story
from broadsheet.subscriptions.reads.business.written import words


@screen("subscriptions.view_subscription")
@require_safe
def gifts(request: HttpRequest) -> HttpResponse:
    """All that were paid, by state and by anybody's address."""
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()[:100]
    page, written = page_of(request, giving.gifts(state, query)), words()
    context = {
        "page": page,
        "rows": [giving.gift_row(row, written) for row in page.object_list],
        "state": state,
        "states": giving.states(),
        "query": query,
    }
    return show(request, "gifts", _("Gift subscriptions"), context, icon="user")


@screen("subscriptions.view_subscription")
@require_safe
def gift(request: HttpRequest, pk: int) -> HttpResponse:
    """One gift: its story, what it opens, and the way to give the money back."""
    rows = giving.gifts("open") | giving.gifts()
    found = get_object_or_404(rows.select_related("payment__invoice"), pk=pk)
    written = words()
    row = giving.gift_row(found, written)
    context = {
        "gift": found,
        "row": row,
        "story": giving.gift_story(found, written),
        "grants": story.grant_rows(found.grants.all()),
    }
    above = ((reverse("business_gifts"), _("Gift subscriptions")),)
    title = f"{row.plan}: {row.buyer}"
    return show(request, "gift", title, context, icon="user", above=above)
