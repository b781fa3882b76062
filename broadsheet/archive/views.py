"""The search page."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from broadsheet.archive import reads
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.look.parts import LinkView


def search(request: HttpRequest) -> HttpResponse:
    """Results for ?q=, 20 a page. Never cached: a withdrawn report is gone from the next answer."""
    query = " ".join(request.GET.get("q", "").split())
    number = request.GET.get("page", "1")
    page = max(1, min(500, int(number))) if number.isdecimal() and len(number) < 10 else 1
    zone = ZoneInfo(Paper.load().time_zone)
    too_long = len(query) > reads.LONGEST
    found = reads.search("" if too_long else query, page=page, now=clock.now(), zone=zone)
    context = {
        "title": _("Search"),
        "query": query[: reads.LONGEST],
        "results": list(found.cards),
        "total": found.total,
        "pages": _pages(query, page, found.total),
        "problem": _("Search for fewer words, please.") if too_long else "",
    }
    response = render(request, "archive/search.html", context)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _pages(query: str, page: int, total: int) -> list[LinkView]:
    last = min(500, -(-total // reads.PAGE))
    if last < 2:
        return []
    near = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    return [
        LinkView(str(n), "/search?" + urlencode({"q": query, "page": n}), n == page) for n in near
    ]
