"""The feeds' health: all of them, one of them, a document as it came, and the buttons."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from wagtail.log_actions import log

from broadsheet.kit.blobs import BadKey, BlobDamaged
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions, reads
from broadsheet.wire.models import Feed, Fetch, Outcome

PAGE = 50
may_see = permission_required("wire.view_feed", raise_exception=True)
may_read = permission_required("wire.view_fetch", raise_exception=True)
may_change = permission_required("wire.change_feed", raise_exception=True)
may_replay = permission_required("wire.change_fetch", raise_exception=True)


@may_see
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Every feed with its state; who needs somebody comes first."""
    state = request.GET.get("state", "")
    page = Paginator(reads.feed_rows(state), PAGE).get_page(request.GET.get("p"))
    context = {"page": page, "state": state, "states": reads.states().items()}
    return _show(request, "feeds", _("Feeds"), context)


@may_see
@require_safe
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """One feed: how it is, what can be done, and the log of its fetches."""
    found = get_object_or_404(Feed.objects.select_related("source"), pk=pk)
    page = Paginator(reads.log(found), PAGE).get_page(request.GET.get("p"))
    context = {
        "feed": found,
        "row": reads.feed_row(found, reads.day_counts(found).get(pk, {})),
        "page": page,
        "lines": [reads.fetch_line(fetch) for fetch in page.object_list],
    }
    return _show(request, "feed", str(found), context, above=True)


def _show(
    request: HttpRequest, name: str, title: str, context: dict[str, Any], *, above: bool = False
) -> HttpResponse:
    crumbs = [{"url": reverse("wagtailadmin_home"), "label": _("Desk")}]
    crumbs += [{"url": reverse("feeds:index"), "label": _("Feeds")}] if above else []
    head = {
        "header_title": title,
        "header_icon": "link",
        "breadcrumbs_items": [*crumbs, {"url": "", "label": title}],
    }
    return render(request, f"wire/newsroom/{name}.html", head | context)


@may_read
@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document as it came, byte for byte: shown as plain text and nothing else, or as a file."""
    found = get_object_or_404(Fetch, pk=pk)
    data = _kept(request, found)
    if data is None:
        return redirect("feeds:feed", pk=found.feed_id)
    answer = HttpResponse(data, content_type="text/plain")
    if "download" in request.GET:
        answer["Content-Type"] = "application/octet-stream"
        answer["Content-Disposition"] = f'attachment; filename="fetch-{pk}"'
    # It is somebody else's text: no browser may take it for a page of ours, or guess its kind.
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _kept(request: HttpRequest, fetch: Fetch) -> bytes | None:
    try:
        return actions.blobs().get(fetch.blob)
    except (BadKey, FileNotFoundError):
        messages.error(request, _("This document is no longer kept; its line in the log is."))
    except BlobDamaged as damage:
        messages.error(request, str(damage))
    return None


@may_replay
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Read any stored document again, quarantined or not; the desk takes what is new in it."""
    found = get_object_or_404(Fetch.objects.select_related("feed__source"), pk=pk)
    if _kept(request, found) is not None:
        actions.replay(found)
        if found.outcome == Outcome.QUARANTINED:
            messages.error(request, _("Still not readable: %(why)s") % {"why": found.problem})
        elif found.new or found.updated or found.withdrawn:
            messages.success(request, _("Read; what is new in it is with the desk in a second."))
        else:
            messages.success(request, _("Read; all of it was known already."))
    return redirect("feeds:feed", pk=found.feed_id)


@may_change
@require_POST
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """One of the buttons: fetch now, pause, resume, use the new address."""
    found = get_object_or_404(Feed, pk=pk)
    try:
        with transaction.atomic():
            told = CHANGES[what](found)
            log(instance=found, action=f"feeds.{what}", user=request.user)
        messages.success(request, told)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    return redirect("feeds:feed", pk=pk)


def _fetch_soon(feed: Feed) -> str:
    actions.fetch_soon(feed)
    return _("It is fetched in a moment. Load this page again to see what came.")


def _pause(feed: Feed) -> str:
    actions.pause(feed)
    return _("The feed is paused. What it brought stays.")


def _resume(feed: Feed) -> str:
    actions.resume(feed)
    return _("The feed is fetched again, beginning in a moment.")


def _use_new_address(feed: Feed) -> str:
    if actions.use_new_address(feed):
        return _("The new address is in use. It is on another host, so the sign-in was taken off.")
    return _("The new address is in use.")


CHANGES = {
    "fetch": _fetch_soon,
    "pause": _pause,
    "resume": _resume,
    "move": _use_new_address,
}
LOGGED = {
    "feeds.fetch": (gettext_lazy("Fetch now"), gettext_lazy("Fetched it out of turn")),
    "feeds.pause": (gettext_lazy("Pause"), gettext_lazy("Paused it")),
    "feeds.resume": (gettext_lazy("Resume"), gettext_lazy("Resumed it")),
    "feeds.move": (gettext_lazy("Move"), gettext_lazy("Took over its new address")),
}
"""What each act is called in Wagtail's log, and what it says there."""
