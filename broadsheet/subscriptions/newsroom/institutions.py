"""Institutions in the desk: who reads by network or by mail address, and how many have a seat."""

from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from broadsheet.subscriptions.forms import InstitutionForm
from broadsheet.subscriptions.models import Institution
from broadsheet.subscriptions.models.institutions import lines_of
from broadsheet.subscriptions.newsroom.frame import PurposeIndexView

SEATED = Count("grants__reader", filter=Q(grants__revoked_at=None), distinct=True)


class InstitutionIndexView(PurposeIndexView):
    """All of them with the seats that are taken, in one query."""

    purpose = _(
        "No institutions yet. A library, a school or a firm opens the paper for its people: by its"
        " network, or for accounts with its mail addresses."
    )

    def get_base_queryset(self) -> Any:
        """By name."""
        return Institution.objects.annotate(seated=SEATED).order_by("name", "pk")


class InstitutionViewSet(ModelViewSet):
    """Institutions: one form for networks, mail domains and what they open."""

    model = Institution
    index_view_class = InstitutionIndexView
    icon = "site"
    list_display = (
        "name",
        Column("networks", label=_("Networks"), accessor=lambda one: len(lines_of(one.networks))),
        Column(
            "domains", label=_("Mail domains"), accessor=lambda one: ", ".join(one.mail_domains)
        ),
        Column("seated", label=_("Seats taken"), accessor=lambda one: taken(one)),
        "starts",
        "ends",
    )
    search_fields = ("name", "networks", "domains")
    list_per_page = 50
    copy_view_enabled = False
    menu_label = Institution._meta.verbose_name_plural

    def get_form_class(self, for_update: bool = False) -> type[InstitutionForm]:
        """The same for both."""
        return InstitutionForm


def taken(institution: Any) -> str:
    """How many accounts have a seat, of how many."""
    if institution.seats is None:
        return str(institution.seated)
    words = {"taken": institution.seated, "seats": institution.seats}
    return gettext("%(taken)d of %(seats)d") % words
