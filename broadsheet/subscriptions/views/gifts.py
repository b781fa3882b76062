"""Giving an article away: the page behind its button, what was given, and taking it back.

The button stands on pressed pages, which are the same bytes for every reader: it only leads here,
where the form is the reader's own.
"""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from broadsheet.accounts.models import User
from broadsheet.accounts.recent import sign_in_required
from broadsheet.desk.models import Article
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import ArticleLink, LinkPolicy
from broadsheet.subscriptions.reads import links as reads

LONGEST_NUMBER = 15


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def gifts(request: HttpRequest) -> HttpResponse:
    """What the reader gave; with `article=NUMBER` that one is offered, a POST gives it."""
    reader = cast(User, request.user)
    given = request.POST if request.method == "POST" else request.GET
    article = _article(given["article"]) if "article" in given else None
    if request.method == "POST":
        if article is None:
            raise Http404
        return _give(request, reader, article)
    now = clock.now()
    links = reads.gifts_of(reader, now)
    live = {link.path for link in links if link.is_live}
    context = {
        "title": _("Give an article"),
        "article": article if article is not None and article.path not in live else None,
        "may_give": article is not None and reads.right_to_give(reader, article, now) is not None,
        "left": reads.gifts_left(reader, now),
        "policy": LinkPolicy.current(),
        "links": links,
    }
    return render(request, "subscriptions/gifts.html", context)


def _article(number: str) -> Article:
    """A report that readers can see. Raises Http404."""
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise Http404
    found = Article.objects.visible(clock.now()).select_related("section__title")
    return get_object_or_404(found, pk=int(number))


def _give(request: HttpRequest, reader: User, article: Article) -> HttpResponse:
    try:
        actions.give(reader, article)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    else:
        messages.success(request, _("Here is the link. Send it to whom you like."))
    return redirect("gifts")


@never_cache
@sign_in_required("gifts")
@require_POST
def take_back(request: HttpRequest, number: int) -> HttpResponse:
    """One of the reader's own gifts ends now."""
    own = ArticleLink.objects.gifts().filter(maker=cast(User, request.user))
    actions.take_back(get_object_or_404(own, pk=number))
    messages.success(request, _("The gift is taken back: its link opens nothing any more."))
    return redirect("gifts")
