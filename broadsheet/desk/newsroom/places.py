"""Titles and sections of the house, and the rules of their access over time."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import ProtectedError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views.generic import DeleteView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.desk.access import shown
from broadsheet.desk.models import Section, TimeRule, Title


class PlaceDeleteView(DeleteView):
    """Keeps what something stands in."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Delete it, when it is empty."""
        try:
            return super().form_valid(form)  # type: ignore[no-any-return]
        except ProtectedError:
            told = say("“%(name)s” is not empty: move its sections or reports elsewhere first.")
            messages.error(self.request, told % {"name": self.object})
            return redirect(self.index_url_name)


class TitleViewSet(ModelViewSet):
    """Second titles of the house."""

    model = Title
    icon = "openquote"
    menu_label = _("Titles")
    form_fields = (
        "name", "slug", "nameplate", "tagline", "description", "tone", "access", "told",
        "on_front", "order",
    )  # fmt: skip
    list_display: ClassVar[list[Any]] = [
        "name", "path", Column("access", label=_("Access"), accessor=lambda t: shown(t.access)),
        BooleanColumn("told", label=_("In the navigation")), "order",
    ]  # fmt: skip
    delete_view_class = PlaceDeleteView
    inspect_view_enabled = False
    copy_view_enabled = False


class SectionViewSet(ModelViewSet):
    """Sections."""

    model = Section
    icon = "folder-open-inverse"
    form_fields = ("title", "name", "slug", "description", "order", "access")
    list_display: ClassVar[list[Any]] = [
        "name", Column("title", label=_("Title of the house")), "path",
        Column("access", label=_("Access"), accessor=lambda s: shown(s.reports_access)), "order",
    ]  # fmt: skip
    list_filter: ClassVar[list[str]] = ["title"]
    delete_view_class = PlaceDeleteView
    inspect_view_enabled = False
    copy_view_enabled = False


def _their_access(rule: TimeRule) -> str:
    return shown(rule.own_access)


def _turned_to(rule: TimeRule) -> str:
    return shown(rule.access)


class TimeRuleIndexView(IndexView):
    """With the sections, in one query."""

    def get_base_queryset(self) -> Any:
        """In the order in which they are tried."""
        return TimeRule.objects.select_related("section__title")


class TimeRuleViewSet(ModelViewSet):
    """Access over time."""

    model = TimeRule
    icon = "time"
    index_view_class = TimeRuleIndexView
    form_fields = ("name", "order", "section", "own_access", "after", "until", "access")
    list_display: ClassVar[list[Any]] = [
        "name", "order", "section",
        Column("own_access", label=_("for articles that are"), accessor=_their_access),
        "after", "until", Column("access", label=_("they are"), accessor=_turned_to),
    ]  # fmt: skip
    inspect_view_enabled = False
    copy_view_enabled = False
