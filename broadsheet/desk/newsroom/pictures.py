"""The picture library's own screens, beside Wagtail's for uploading and editing."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from wagtail.admin.panels import Panel
from wagtail.images.permissions import permission_policy

from broadsheet.desk.models import Rendition
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


def rendition(request: HttpRequest, picture: int, spec: str) -> HttpResponseBase:
    """A size of a picture for staff: whatever its rights, unless it was withdrawn (410)."""
    if not permission_policy.user_has_any_permission(request.user, ["choose", "change", "add"]):
        raise PermissionDenied
    sizes = Rendition.objects.filter(image=picture, filter_spec=spec).select_related("image")
    found = get_object_or_404(sizes.order_by("-pk")[:1])
    if found.image.withdrawn_at is not None:
        return HttpResponse(_("This picture was withdrawn."), status=410, content_type="text/plain")
    return FileResponse(found.file.open("rb"))
