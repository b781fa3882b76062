"""The settings page Machines: crawlers, AI crawlers, licence and usage preferences."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList
from wagtail.contrib.settings.registry import registry

from broadsheet.press.forms import MachinesForm
from broadsheet.press.models import MachinesPolicy

PANELS = (
    (_("Search engines"), ("crawlers", "crawlers_premium", "crawler_networks")),
    (_("AI crawlers"), ("shut", "licence")),
    (_("Usage preferences"), ("train", "search", "usage_in_robots", "usage_in_answers")),
)


def register() -> None:
    """Show it under Settings."""
    groups = [
        MultiFieldPanel([FieldPanel(name) for name in names], heading=heading)
        for heading, names in PANELS
    ]
    MachinesPolicy.edit_handler = ObjectList(groups, base_form_class=MachinesForm)
    registry.register(MachinesPolicy, icon="cogs")
