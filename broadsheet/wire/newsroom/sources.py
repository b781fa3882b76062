"""Sources in the desk: what an agency's contract and its habits ask for."""

from typing import Any

from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.wire.models import Source


def _row(*names: str) -> Any:
    return FieldRowPanel([FieldPanel(name) for name in names])


def _published(source: Source) -> str:
    """Who publishes what the source sends."""
    return say("by rules") if source.auto_publish else say("by the desk")


class SourceViewSet(ModelViewSet):
    """Sources. A change of the days online moves the end of every report of the source."""

    model = Source
    icon = "openquote"
    menu_order = 309
    add_to_admin_menu = True
    panels = (
        MultiFieldPanel([_row("agency", "name"), _row("zone", "language", "credit_line")],
                        heading=_("The agency")),
        MultiFieldPanel([FieldPanel("auto_publish"), _row("max_age_hours", "online_days")],
                        heading=_("What may be published")),
        MultiFieldPanel([_row("noindex", "canonical_to_source")], heading=_("Search engines")),
    )  # fmt: skip
    list_display = (
        "agency", "zone", Column("auto_publish", label=_("Published"), accessor=_published),
        "max_age_hours", "online_days",
    )  # fmt: skip
    copy_view_enabled = False
