"""Registers the fronts' screen with Wagtail."""

from typing import Any, ClassVar

from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from broadsheet.fronts.models import Front


class FrontViewSet(SnippetViewSet):
    """Curate a front: pin articles to its top, in order."""

    model = Front
    icon = "list-ul"
    menu_label = _("Fronts")
    menu_order = 115
    add_to_admin_menu = True
    copy_view_enabled = False
    # Wagtail's own is translated once, for the language of whoever asks first.
    breadcrumbs_items: ClassVar[list[dict[str, Any]]] = [
        {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
    ]
    panels = (
        FieldPanel("section"),
        FieldPanel("title"),
        InlinePanel(
            "slots",
            heading=_("Pinned articles, from the top"),
            help_text=_("What is not pinned fills itself by news value and time."),
            panels=[FieldPanel("article"), FieldPanel("until")],
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        """With what the list calls them by, in one query."""
        return Front.objects.select_related("section__title", "title")


register_snippet(FrontViewSet)
