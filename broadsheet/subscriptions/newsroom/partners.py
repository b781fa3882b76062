"""Partner benefits in the desk: listed with their pools, edited, filled; the partner's client."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import CreateView, DeleteView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button

from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import CodesForm, PartnerBenefitForm
from broadsheet.subscriptions.models import Entitlement, PartnerBenefit
from broadsheet.subscriptions.newsroom.frame import PurposeIndexView, screen, show
from broadsheet.subscriptions.partnering import Typed
from broadsheet.subscriptions.reads.origin import origin

RIGHT = "subscriptions.change_partnerbenefit"
SECRET = "partner_secret"  # noqa: S105
"""Where the session holds a new secret until it was shown, once."""


class BenefitIndexView(PurposeIndexView):
    """All of them with pool and claims, in one query."""

    purpose = gettext_lazy(
        "No partner benefits yet. A partner gives your subscribers something of its own: codes"
        " from a pool, or a sign-in that asks us who subscribes."
    )

    def get_base_queryset(self) -> Any:
        """By partner."""
        titles = Entitlement.objects.filter(name=OuterRef("entitlement")).values("title")[:1]
        right = Coalesce(NullIf(Subquery(titles), Value("")), "entitlement")
        return (
            PartnerBenefit.objects.counted()
            .annotate(right=right)
            .order_by("partner", "title", "pk")
        )


class _KeepsClient:
    """Saves the partner's client together with the benefit."""

    form: Any
    request: HttpRequest
    object: Any

    def save_instance(self) -> Any:
        """One transaction; a new secret is shown on the next screen."""
        with transaction.atomic():
            benefit = super().save_instance()  # type: ignore[misc]
            if benefit.kind == PartnerBenefit.OPENID:
                secret = actions.keep_client(benefit, self.form.cleaned_data["redirects"])
                if secret:
                    _remember(self.request, benefit, secret)
        return benefit

    def get_success_url(self) -> str:
        """The pool, or the client."""
        return reverse("business_benefit", args=[self.object.pk])


class BenefitCreateView(_KeepsClient, CreateView):
    """A new one."""


class BenefitEditView(_KeepsClient, EditView):
    """One that is there."""

    @cached_property
    def header_more_buttons(self) -> list[Any]:
        """Beside Wagtail's own the way to its codes, or to the partner's client."""
        by_code = self.object.kind == PartnerBenefit.CODES
        label = _("Codes") if by_code else _("The partner's client")
        address = reverse("business_benefit", args=[self.object.pk])
        own = Button(label, url=address, icon_name="list-ul", priority=5)
        return [own, *super().header_more_buttons]


class BenefitDeleteView(DeleteView):
    """Keeps what has codes, claims or a client: readers may hold it."""

    def form_valid(self, form: object) -> HttpResponse:
        """Delete it, if nothing hangs on it."""
        benefit = self.object
        if benefit.client_id or benefit.codes.exists() or benefit.claims.exists():
            words = _("This benefit has codes, claims or a client: it stays. Take “on” away.")
            messages.error(self.request, words)
            return redirect("partner_benefits:edit", benefit.pk)
        return super().form_valid(form)  # type: ignore[no-any-return]


class PartnerBenefitViewSet(ModelViewSet):
    """Partner benefits: one form, a list with counts."""

    model = PartnerBenefit
    index_view_class = BenefitIndexView
    add_view_class = BenefitCreateView
    edit_view_class = BenefitEditView
    delete_view_class = BenefitDeleteView
    icon = "pick"
    list_display = (
        "partner",
        "title",
        Column("right", label=gettext_lazy("for readers with"), accessor="right"),
        TitleColumn(
            "pool",
            label=gettext_lazy("Codes left"),
            accessor=lambda one: left_of(one),
            get_url=lambda one: reverse("business_benefit", args=[one.pk]),
        ),
        Column("held", label=gettext_lazy("Held by readers")),
        "valid_from",
        "valid_until",
        Column("on", label=gettext_lazy("on"), accessor=lambda one: yes_or_no(one.active)),
    )
    search_fields = ("partner", "title")
    list_per_page = 50
    copy_view_enabled = False
    inspect_view_enabled = False
    menu_label = PartnerBenefit._meta.verbose_name_plural

    def get_form_class(self, for_update: bool = False) -> type[PartnerBenefitForm]:
        """The same for both."""
        return PartnerBenefitForm


def yes_or_no(answer: object) -> str:
    """In words."""
    return _("yes") if answer else _("no")


def left_of(benefit: Any) -> str:
    """How many codes nobody has, of how many, and whether that is little."""
    if benefit.kind == PartnerBenefit.OPENID:
        return _("the partner asks")
    words = _("%(left)d of %(pool)d") % {"left": benefit.left, "pool": benefit.pool}
    if benefit.active and benefit.left < benefit.warn_below:
        return _("%(count)s: add codes") % {"count": words}
    return words


@screen(RIGHT)
@never_cache
def benefit(request: HttpRequest, pk: int) -> HttpResponse:
    """The pool with a form that fills it; or what the partner's software must know of us."""
    found = get_object_or_404(PartnerBenefit.objects.counted(), pk=pk)
    form = CodesForm(request.POST or None)
    by_code = found.kind == PartnerBenefit.CODES
    if request.method == "POST" and by_code and form.is_valid():
        typed = form.cleaned_data["codes"]
        _report(request, typed, actions.fill_pool(found, list(typed.codes)))
        return redirect("business_benefit", pk)
    kept = request.session.pop(SECRET, {})
    names = {
        "benefit": found,
        "form": form,
        "by_code": by_code,
        "left": left_of(found),
        "secret": kept.get(str(pk), ""),
        "issuer": origin(),
        "discovery": f"{origin()}{reverse('idp:oidc:configuration')}",
    }
    above = ((reverse("partner_benefits:index"), _("Partner benefits")),)
    return show(request, "partner_benefit", str(found), names, icon="pick", above=above)


def _report(request: HttpRequest, typed: Typed, added: int) -> None:
    """How many were added; what stood twice, or was there already."""
    if added:
        words = ngettext("%(added)d code added.", "%(added)d codes added.", added)
        messages.success(request, words % {"added": added})
    known = len(typed.codes) - added
    if known:
        words = ngettext(
            "%(known)d was in the pool already.", "%(known)d were in the pool already.", known
        )
        messages.warning(request, words % {"known": known})
    if typed.twice:
        shown = ", ".join(typed.twice[:10])
        messages.warning(request, _("Stood twice, taken once: %(codes)s") % {"codes": shown})


@screen(RIGHT)
@require_POST
def renew_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret for the partner; the old one ends now."""
    found = get_object_or_404(PartnerBenefit, pk=pk, client__isnull=False)
    _remember(request, found, actions.renew_secret(found))
    return redirect("business_benefit", pk)


def _remember(request: HttpRequest, found: PartnerBenefit, secret: str) -> None:
    request.session[SECRET] = {str(found.pk): secret}


ADDRESSES = [
    path("business/benefits/<int:pk>/", benefit, name="business_benefit"),
    path("business/benefits/<int:pk>/secret/", renew_secret, name="business_benefit_secret"),
]
