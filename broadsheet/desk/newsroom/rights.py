"""Rights by section on Wagtail's own views: the one place where all of them are asked."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies import ModelPermissionPolicy

from broadsheet.desk.models import Article, SectionRight
from broadsheet.desk.reads.rights import ACTIONS, may, may_change

READING = frozenset(["history", "history_results", "usage", "usage_results", "inspect"])
"""Wagtail's views that only show; whoever edits anything may read them."""
PUBLISHING = frozenset(["unpublish", "revisions_unschedule"])

View = Callable[..., HttpResponse]


class SectionPolicy(ModelPermissionPolicy):
    """Django's permissions, narrowed by section. Articles are withdrawn, never deleted."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        """Somewhere. Nobody deletes, the publisher neither."""
        if action == "delete" or not super().user_has_permission(user, action):
            return False
        return action not in ("change", "publish") or may(user, action, None)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        """As above, for several actions."""
        return any(self.user_has_permission(user, action) for action in actions)

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        """For this article; what is neither editing nor publishing needs the right to edit it."""
        right = "publish" if action == "publish" else "change"
        return self.user_has_permission(user, action) and (
            instance.pk is None or may_change(user, instance, right)
        )


def by_section(view: View, name: str) -> View:
    """A view of Wagtail's about one article, only for those who may act in its section.

    The section is the row's: a draft that was moved elsewhere opens no door.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        number = options.get("pk")
        if number is not None and name not in READING:
            if not str(number).isdecimal():
                raise Http404
            article = get_object_or_404(Article, pk=number)
            if not may_change(request.user, article, "publish" if name in PUBLISHING else "change"):
                raise PermissionDenied
        return view(request, *args, **options)

    return guarded


def _granted(right: SectionRight) -> str:
    """What the line allows, in the words of its form."""
    columns: list[Any] = [SectionRight._meta.get_field(name) for name in ACTIONS]
    granted = [str(column.verbose_name) for column in columns if getattr(right, column.name)]
    return ", ".join(granted) or str(_("nothing"))


class SectionRightIndexView(IndexView):
    """With groups and sections, in one query."""

    def get_base_queryset(self) -> Any:
        """By group."""
        return SectionRight.objects.select_related("group", "section__title")


class SectionRightViewSet(ModelViewSet):
    """Which group may do what in which section."""

    model = SectionRight
    icon = "key"
    index_view_class = SectionRightIndexView
    menu_label = _("Section rights")
    form_fields: ClassVar[list[str]] = ["group", "section", *ACTIONS]
    list_display: ClassVar[list[Any]] = [
        "group", "section", Column("allows", label=_("Allows"), accessor=_granted),
    ]  # fmt: skip
    list_filter: ClassVar[list[str]] = ["group", "section"]
    inspect_view_enabled = False
    copy_view_enabled = False
