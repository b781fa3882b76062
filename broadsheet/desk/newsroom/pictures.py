"""The picture library's own screens, beside Wagtail's for uploading and editing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel
from wagtail.images.permissions import permission_policy

from broadsheet.accounts.models import User
from broadsheet.desk.actions import withdraw_picture
from broadsheet.desk.models import Picture, Rendition
from broadsheet.desk.newsroom.frame import attempt, crumbs
from broadsheet.desk.reads import library as reads
from broadsheet.desk.reads.pictures import sent_with


class WirePicturesPanel(Panel):
    """The pictures that the wire sent with the report, whichever stands on the page."""

    class BoundPanel(Panel.BoundPanel):
        """Bound to one article."""

        template_name = "desk/panels/wire_pictures.html"

        def is_shown(self) -> bool:
            """When the wire sent any."""
            return bool(self.instance.item_id and self.instance.item.pictures.exists())

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """Each with what became of it."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"pictures": sent_with(self.instance)}


def _may_see(request: HttpRequest) -> None:
    """Raises PermissionDenied for whoever may neither choose nor change pictures."""
    if not permission_policy.user_has_any_permission(request.user, ["choose", "change", "add"]):
        raise PermissionDenied


def library(request: HttpRequest) -> HttpResponse:
    """Every picture, by kind and words, 40 a page."""
    _may_see(request)
    kind, query = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    kind = kind if kind in dict(reads.KINDS) else ""
    page = Paginator(reads.pictures(kind, query), reads.PAGE).get_page(request.GET.get("p"))
    context = {
        "rows": reads.rows(list(page.object_list)),
        "page": page,
        "kind": kind,
        "kinds": reads.KINDS,
        "query": query,
        "header_title": _("Pictures"),
        "header_icon": "image",
        "breadcrumbs_items": crumbs(("", _("Pictures"))),
    }
    return render(request, "desk/pictures.html", context)


def uses(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a picture stands; who may withdraw can take it back everywhere, after being asked."""
    _may_see(request)
    picture = get_object_or_404(Picture, pk=pk)
    can_withdraw = request.user.has_perm("desk.withdraw_picture")
    if request.method == "POST":
        _withdraw(request, picture)
        return redirect("desk_picture_uses", pk=pk)
    context = {
        "picture": picture,
        "uses": reads.uses(picture),
        "can_withdraw": can_withdraw,
        "header_title": picture.title,
        "header_icon": "image",
        "breadcrumbs_items": crumbs((reverse("desk_pictures"), _("Pictures")), ("", picture.title)),
    }
    return render(request, "desk/picture_uses.html", context)


def _withdraw(request: HttpRequest, picture: Picture) -> None:
    """Raises PermissionDenied: withdrawing is its own right."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm("desk.withdraw_picture"):
        raise PermissionDenied
    if request.POST.get("sure") != "yes":
        messages.error(request, _("Tick the box first; the picture still stands."))
        return
    attempt(
        request,
        lambda: withdraw_picture(picture, by=user),
        _("The picture is withdrawn: no file and no page shows it."),
    )


def rendition(request: HttpRequest, picture: int, spec: str) -> HttpResponseBase:
    """A size of a picture for staff: whatever its rights, unless it was withdrawn (410)."""
    _may_see(request)
    sizes = Rendition.objects.filter(image=picture, filter_spec=spec).select_related("image")
    found = get_object_or_404(sizes.order_by("-pk")[:1])
    if found.image.withdrawn_at is not None:
        return HttpResponse(_("This picture was withdrawn."), status=410, content_type="text/plain")
    return FileResponse(found.file.open("rb"))
