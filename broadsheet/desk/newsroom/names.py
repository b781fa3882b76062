"""The paper's own topics and its authors, and the names that are suggested while one types."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.desk.models import Author, Topic
from broadsheet.desk.models.topics import OWN
from broadsheet.desk.newsroom.frame import may_edit
from broadsheet.desk.reads.authors import authors_suggested
from broadsheet.desk.reads.topics import Suggestion, suggested


class TopicViewSet(ModelViewSet):
    """Topics of the paper's own; the IPTC's need no care."""

    model = Topic
    icon = "tag"
    menu_label = _("Own topics")
    form_fields = ("title",)
    list_display = ("title", "path")
    search_fields = ("title",)
    inspect_view_enabled = False
    copy_view_enabled = False

    def get_queryset(self, request: Any) -> Any:
        """Without the rows of Media Topics."""
        return Topic.objects.filter(code__startswith=OWN)


class AuthorViewSet(ModelViewSet):
    """Who writes for the paper."""

    model = Author
    icon = "user"
    form_fields = ("name", "biography", "picture", "user")
    list_display = ("name", "path")
    search_fields = ("name",)
    inspect_view_enabled = False
    copy_view_enabled = False


def _answer(request: HttpRequest, suggestions: Callable[[str], list[Suggestion]]) -> HttpResponse:
    found = suggestions(request.GET.get("q", "")[:80])
    return JsonResponse({"names": [{"name": s.name, "note": s.note} for s in found]})


@may_edit
def topics(request: HttpRequest) -> HttpResponse:
    """Names of topics that hold `q`."""
    return _answer(request, suggested)


@may_edit
def authors(request: HttpRequest) -> HttpResponse:
    """Names of authors that hold `q`."""
    return _answer(request, authors_suggested)


ADDRESSES = [
    path("names/topics/", topics, name="desk_topics"),
    path("names/authors/", authors, name="desk_authors"),
]
