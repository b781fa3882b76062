"""The publisher's form of what machines get and are asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from broadsheet.gate.crawlers import FAMILIES


class MachinesForm(WagtailAdminModelForm):  # type: ignore[misc]
    """Crawlers are ticked, each engine by itself."""

    crawlers: Any = forms.MultipleChoiceField(
        label=_("Whole reports for the crawlers of"), required=False,
        widget=forms.CheckboxSelectMultiple, choices=[(f.name, f.name) for f in FAMILIES],
        help_text=_("Verified by DNS. All others, and those without a tick, get the teaser."),
    )  # fmt: skip
