"""The paper's own topics, and the names that are suggested while an editor types."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.desk.models import Topic
from broadsheet.desk.models.topics import OWN
from broadsheet.desk.newsroom.frame import may_edit
from broadsheet.desk.reads.topics import suggested


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


@may_edit
def topics(request: HttpRequest) -> HttpResponse:
    """Names of topics that hold `q`."""
    found = suggested(request.GET.get("q", "")[:80])
    return JsonResponse({"names": [{"name": s.name, "note": s.note} for s in found]})


ADDRESSES = [path("topics-named/", topics, name="desk_topics")]
"""Not /desk/topics/, where the list of the paper's own stands."""
