"""Screens about what came in: one item, making an article of it, reading a document again."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.desk import actions
from broadsheet.desk.models import Article, Intake
from broadsheet.desk.newsroom.frame import attempt, back, crumbs, edit_url, may_edit, who
from broadsheet.desk.reads.likeness import alike
from broadsheet.desk.reads.queue_rows import item_row
from broadsheet.desk.reads.rights import may
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Fetch, Item, Outcome


def _item(request: HttpRequest, pk: int, action: str) -> Item:
    """An item that the user may do this with, by the section it would stand in."""
    found = get_object_or_404(Item.objects.select_related("source", "latest"), pk=pk)
    if not may(request.user, action, actions.section_for(found)):
        raise PermissionDenied
    return found


@may_edit
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with every version the wire sent; nothing of it is ever lost."""
    items = Item.objects.select_related("source", "latest", "article__section", "intake__section")
    found = get_object_or_404(items, pk=pk)
    intake = Intake.objects.filter(item=found).first()
    section = actions.section_for(found)
    context = {
        "item": found,
        "row": item_row(found),
        "alike": alike(found.pk),
        "may": {"publish": may(request.user, "publish", section)},
        "article": Article.objects.filter(item=found).first(),
        "versions": found.versions.annotate(again_at=Max("arrivals__again_at"))
        .select_related("fetch__feed")
        .order_by("-number"),
        "may_make": may(request.user, "change", section),
        "discarded": intake is not None and intake.outcome == Intake.Outcome.DISCARDED,
        "header_title": str(found),
        "breadcrumbs_items": crumbs(
            (reverse("desk_incoming"), _("All that came in")), ("", str(found))
        ),
    }
    return render(request, "desk/item.html", context)


@may_edit
@require_POST
def make_article(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft from an item that no rule published."""
    found = _item(request, pk, "change")
    try:
        article = actions.make_article(found, by=who(request))
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("desk_item", pk=pk)
    return redirect(edit_url(article))


@may_edit
@require_POST
def publish_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish what the wire sent, as it is."""
    done = _("“%(headline)s” is published.")
    return _decide(request, pk, "publish", actions.publish_item, done)


@may_edit
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an item off the queue."""
    done = _("“%(headline)s” is discarded. It stays among all that came in.")
    return _decide(request, pk, "change", actions.discard, done)


@may_edit
@require_POST
def put_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo that."""
    return _decide(request, pk, "change", actions.take_up, _("It waits for the desk again."))


def _decide(
    request: HttpRequest, pk: int, right: str, action: Callable[..., object], done: str
) -> HttpResponse:
    found = _item(request, pk, right)
    attempt(request, lambda: action(found, by=who(request)), done % {"headline": found})
    return back(request, reverse("desk_item", args=[pk]))


@permission_required("wire.change_fetch", raise_exception=True)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a stored document again."""
    fetch = get_object_or_404(Fetch.objects.select_related("feed__source"), pk=pk)
    try:
        wire.replay(fetch)
    except FileNotFoundError:
        messages.error(request, _("The document is no longer kept; fetch the feed again."))
        return back(request, reverse("desk_queue", args=["quarantine"]))
    actions.catch_up()
    if fetch.outcome == Outcome.QUARANTINED:
        messages.error(request, _("Still not readable: %(why)s") % {"why": fetch.problem})
    else:
        messages.success(request, _("Read; what it held has been taken in."))
    return back(request, reverse("desk_queue", args=["quarantine"]))
