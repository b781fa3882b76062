"""The publisher's screens of licensees: who they are, their token, what they took."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin.menu import MenuItem

from broadsheet.licensing import actions, reads
from broadsheet.licensing.forms import LicenseeForm
from broadsheet.licensing.models import Licensee

may_see = permission_required("licensing.view_licensee", raise_exception=True)
may_change = permission_required("licensing.change_licensee", raise_exception=True)
may_add = permission_required("licensing.add_licensee", raise_exception=True)


class LicenseesItem(MenuItem):
    """The menu's entry, for those who may see licensees."""

    def is_shown(self, request: Any) -> bool:
        """Whether the user may open it."""
        return bool(request.user.has_perm("licensing.view_licensee"))


def menu_item() -> MenuItem:
    """Licensees, among what the publisher arranges."""
    label, address = gettext_lazy("Licensees"), reverse("licensees")
    return LicenseesItem(label, address, name="licensees", icon_name="upload", order=320)


@may_see
def licensees(request: HttpRequest) -> HttpResponse:
    """All of them, with what each took and when it asked last."""
    page = Paginator(reads.licensees(), reads.PAGE).get_page(request.GET.get("p"))
    return _show(request, "licensees", _("Licensees"), {"page": page})


@may_add
def add(request: HttpRequest) -> HttpResponse:
    """A new licensee; the token is on the answer, and nowhere else ever."""
    form = LicenseeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        licensee = form.save()
        return _token(request, licensee, actions.give_token(licensee))
    return _show(request, "licensee", _("A new licensee"), {"form": form, "licensee": None})


@may_change
def licensee(request: HttpRequest, pk: int) -> HttpResponse:
    """One licensee: what was agreed, the token's age, what was taken."""
    found = get_object_or_404(Licensee, pk=pk)
    form = LicenseeForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. It counts from the next request on."))
        return redirect("licensee", pk=pk)
    page = Paginator(reads.taken_by(found), reads.PAGE).get_page(request.GET.get("p"))
    context = {"form": form, "licensee": Licensee.objects.get(pk=pk), "page": page}
    return _show(request, "licensee", str(context["licensee"]), context)


@may_change
@require_POST
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new token; the old one is refused from now on."""
    found = get_object_or_404(Licensee, pk=pk)
    return _token(request, found, actions.give_token(found))


@may_change
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """No token at all, until a new one is made."""
    found = get_object_or_404(Licensee, pk=pk)
    actions.revoke(found)
    messages.success(request, _("%(name)s can take nothing any more.") % {"name": found})
    return redirect("licensee", pk=pk)


def _token(request: HttpRequest, licensee: Licensee, token: str) -> HttpResponse:
    addresses = [
        request.build_absolute_uri(reverse("licensed_changes", args=[name]))
        for name, field in (("ninjs", "takes_ninjs"), ("newsml-g2", "takes_newsmlg2"))
        if getattr(licensee, field)
    ]
    context = {"licensee": licensee, "token": token, "addresses": addresses}
    return _show(request, "token", str(licensee), context)


def _show(request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> HttpResponse:
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": _("Desk")}]
    if name != "licensees":
        crumbs.append({"url": reverse("licensees"), "label": _("Licensees")})
    head = {
        "header_title": title,
        "header_icon": "upload",
        "breadcrumbs_items": [*crumbs, {"url": "", "label": title}],
    }
    return render(request, f"licensing/{name}.html", head | context)


ADDRESSES = [
    path("licensees/", licensees, name="licensees"),
    path("licensees/add/", add, name="licensee_add"),
    path("licensees/<int:pk>/", licensee, name="licensee"),
    path("licensees/<int:pk>/token/", rotate, name="licensee_token"),
    path("licensees/<int:pk>/revoke/", revoke, name="licensee_revoke"),
]
