"""Links that staff share: made, listed and taken back on a screen of the article's own."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.snippets.action_menu import ActionMenuItem

from broadsheet.desk.models import Article
from broadsheet.desk.newsroom.frame import attempt, edit_url
from broadsheet.desk.reads.rights import may_change
from broadsheet.kit import clock
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import ShareForm
from broadsheet.subscriptions.models import ArticleLink
from broadsheet.subscriptions.newsroom.frame import screen, show, who
from broadsheet.subscriptions.reads import links as reads

RIGHT = "subscriptions.share_article"
END = "subscriptions.end_link"


class ShareItem(ActionMenuItem):
    """In the editor's menu: leads to the article's links."""

    label = gettext_lazy("Share link…")
    name = "action-share"
    icon_name = "link"

    def is_shown(self, context: dict[str, Any]) -> bool:
        """For a published article, and who may share it."""
        article, user = context.get("instance"), context["request"].user
        if not isinstance(article, Article) or not article.path or not article.live:
            return False
        return bool(user.has_perm(RIGHT)) and may_change(user, article)

    def get_url(self, context: dict[str, Any]) -> str:
        """The screen of this article's links."""
        return reverse("article_links", args=[context["instance"].pk])


@screen(RIGHT)
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link to an article, and see those that were made."""
    article = get_object_or_404(Article, pk=pk)
    if not may_change(request.user, article):
        raise PermissionDenied
    form = ShareForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        attempt(
            request,
            lambda: actions.share(article, facts["days"], by=who(request), note=facts["note"]),
            _("The link opens this article until it expires or is taken back."),
        )
        return redirect("article_links", pk=pk)
    context = {
        "form": form,
        "links": reads.shared_links(article, who(request), clock.now()),
        "may_end": request.user.has_perm(END),
    }
    above = ((edit_url(article), str(article)),)
    return show(request, "links", _("Links to this article"), context, icon="link", above=above)


@screen(RIGHT)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """End a link: one's own, or with a right of its own somebody else's."""
    link = get_object_or_404(ArticleLink, pk=pk, kind=ArticleLink.SHARE)
    if link.maker_id != who(request).pk and not request.user.has_perm(END):
        raise PermissionDenied
    actions.take_back(link)
    messages.success(request, _("The link is taken back: it opens nothing any more."))
    return redirect("article_links", pk=link.article_id)
