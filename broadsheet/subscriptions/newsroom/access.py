"""Complimentary access at the desk: given by address with an end, listed, revoked with a reason."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, EditView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.log_actions import log
from wagtail.models import ModelLogEntry

from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import AccessForm, EndForm, RevokeForm
from broadsheet.subscriptions.models import REVOKED, Grant
from broadsheet.subscriptions.newsroom.frame import PurposeIndexView, screen, show, who
from broadsheet.subscriptions.reads.business.reader import given_text
from broadsheet.subscriptions.reads.business.written import words

RIGHT = "subscriptions.change_grant"
TITLE = gettext_lazy("Complimentary access")


def given() -> Any:
    """What somebody gave; what subscriptions, seats and institutions wrote is with them."""
    found = Grant.objects.complimentary()
    return found.select_related("reader", "given_by", "revoked_by").order_by("-pk")


class AccessIndexView(PurposeIndexView):
    """All that was given, in one query."""

    purpose = gettext_lazy(
        "Nobody reads for nothing yet. Give access to a prize winner, a colleague or a reader to"
        " whom the paper owes something; it ends by itself."
    )

    page_title = TITLE

    def get_base_queryset(self) -> Any:
        """The newest first."""
        return given()


class AccessCreateView(CreateView):
    """Gives it."""

    def get_initial(self) -> dict[str, Any]:
        """The address of the reader whose screen led here."""
        return {"email": self.request.GET.get("reader", "")}

    def save_instance(self) -> Grant:
        """A grant for each right, one mail, and a line for each in the desk's reports."""
        form = self.form
        facts = form.cleaned_data
        grants = actions.give_access(
            facts["email"], facts["entitlements"], form.opens, form.closes,
            by=who(self.request), reason=facts["reason"], decided_by=facts["decided_by"],
        )  # fmt: skip
        for grant in grants:
            if ModelLogEntry.objects.for_instance(grant).exists():
                continue  # A second click gave nothing more.
            log(instance=grant, action="wagtail.create", user=who(self.request))
        return grants[0]

    def get_success_message(self, instance: Grant) -> str:
        """To whom."""
        words = _("%(reader)s has access, and a mail about it.")
        return words % {"reader": instance.reader.email}

    def get_success_url(self) -> str:
        """The reader's screen, for those who may see it."""
        if self.request.user.has_perm("subscriptions.view_subscription"):
            return reverse("business_reader", args=[self.object.reader_id])
        return str(super().get_success_url())


class AccessEditView(EditView):
    """Moves its end."""

    delete_item_label = gettext_lazy("Revoke")

    def get_queryset(self) -> Any:
        """Nothing that a subscription wrote."""
        return given()

    def form_valid(self, form: EndForm) -> HttpResponse:
        """Save it, unless it was revoked meanwhile."""
        try:
            return super().form_valid(form)  # type: ignore[no-any-return]
        except Refusal as refusal:
            messages.error(self.request, f"{refusal.problem} {refusal.remedy}")
            return redirect("grants:index")

    def save_instance(self) -> Grant:
        """The reader is told of another end."""
        facts = self.form.cleaned_data
        kept = actions.move_end(
            self.object, self.form.closes, reason=facts["reason"], decided_by=facts["decided_by"]
        )  # fmt: skip
        log(instance=kept, action="wagtail.edit", user=who(self.request))
        return kept


class AccessViewSet(ModelViewSet):
    """Grants that staff give. They are revoked, not deleted: who had what is kept."""

    model = Grant
    index_view_class = AccessIndexView
    add_view_class = AccessCreateView
    edit_view_class = AccessEditView
    icon = "key"
    list_display = (
        "reader",
        "entitlement",
        "valid_from",
        Column("until", label=gettext_lazy("until"), accessor=lambda one: until_text(one)),
        Column("why", label=gettext_lazy("reason"), accessor=lambda one: given_text(one)),
    )
    search_fields = ("reader__email", "reason")
    list_per_page = 50
    copy_view_enabled = False
    menu_label = TITLE

    def get_form_class(self, for_update: bool = False) -> type[EndForm]:
        """To whom and what is said once."""
        return EndForm if for_update else AccessForm

    def get_urlpatterns(self) -> list[Any]:
        """Deleting leads to revoking."""
        kept = [one for one in super().get_urlpatterns() if one.name != "delete"]
        return [*kept, path("delete/<str:pk>/", to_revoke, name="delete")]


def until_text(grant: Grant) -> str:
    """When it ends, or ended."""
    written = words()
    if grant.revoked_at is not None:
        return _("revoked on %(day)s") % {"day": written.day(grant.revoked_at)}
    return written.day(grant.valid_until) if grant.valid_until else _("without an end")


@screen(RIGHT)
def to_revoke(request: HttpRequest, pk: str) -> HttpResponse:
    """The screen that asks why."""
    return redirect("business_revoke", get_object_or_404(given(), pk=pk).pk)


@screen(RIGHT)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End complimentary access now, and say why."""
    found = get_object_or_404(given(), pk=pk)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _end(request, found, form.cleaned_data["reason"])
        if request.user.has_perm("subscriptions.view_subscription"):
            return redirect("business_reader", found.reader_id)
        return redirect("grants:index")
    context = {"grant": found, "form": form, "given": given_text(found)}
    above = ((reverse("grants:index"), str(TITLE)),)
    return show(request, "revoke", _("Revoke access"), context, icon="key", above=above)


def _end(request: HttpRequest, found: Grant, reason: str) -> None:
    with transaction.atomic():
        actions.revoke_access(found, by=who(request), reason=reason)
        log(instance=found, action=REVOKED, user=who(request), data={"reason": reason})
    words = _("The access has ended. %(reader)s has a mail about it.")
    messages.success(request, words % {"reader": found.reader.email})


ADDRESSES = [path("business/access/<int:pk>/revoke/", revoke, name="business_revoke")]
