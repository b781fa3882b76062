"""Sources in the desk: what an agency's contract and its habits ask for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.wire.models import Source


def _row(*names: str) -> Any:
    return FieldRowPanel([FieldPanel(name) for name in names])


class SourceViewSet(ModelViewSet):
    """Sources. A change of the days online moves the end of every report of the source."""

    model = Source
    icon = "globe"
    menu_order = 309
    add_to_admin_menu = True
    panels = (
        MultiFieldPanel([_row("agency", "name"), _row("zone", "language", "credit_line")],
                        heading=_("The agency")),
        MultiFieldPanel([FieldPanel("auto_publish"), _row("max_age_hours", "online_days")],
                        heading=_("What may be published, and for how long")),
        MultiFieldPanel([_row("noindex", "canonical_to_source")], heading=_("Search engines")),
    )  # fmt: skip
    list_display = ("agency", "zone", "auto_publish", "max_age_hours", "online_days")
    copy_view_enabled = False
