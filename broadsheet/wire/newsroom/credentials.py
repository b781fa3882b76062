"""Where an agency pushes a feed to, and a new secret for it, shown once."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.wire import pushes
from broadsheet.wire.models import Feed, PushAddress

may_change = permission_required("wire.change_feed", raise_exception=True)


@may_change
@never_cache
@require_http_methods(["GET", "POST"])
def credentials(request: HttpRequest, pk: int) -> HttpResponse:
    """The address of a pushed feed (GET), or a new secret (POST): the answer is all that shows it.

    It is not kept in a session and not in a message, so reading the page again does not bring it
    back.
    """
    feed = get_object_or_404(Feed, pk=pk)
    if not feed.is_pushed:
        raise BadRequest
    told = pushes.new_credentials(feed) if request.method == "POST" else None
    address = PushAddress.objects.filter(feed=feed).first()
    crumbs = [
        {"url": reverse("wagtailadmin_home"), "label": _("Desk")},
        {"url": reverse("feeds:edit", args=[pk]), "label": str(feed)},
        {"url": "", "label": _("Signed push")},
    ]
    context = {
        "feed": feed,
        "address": pushes.url_of(address) if address else "",
        "rotated_at": address.rotated_at if address else None,
        "secret": told.secret if told else "",
        "header_title": _("Signed push"),
        "header_icon": "key",
        "breadcrumbs_items": crumbs,
    }
    return render(request, "wire/newsroom/credentials.html", context)
