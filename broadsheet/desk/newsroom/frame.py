"""What the desk's screens share: who is asking, which article, where to go afterwards."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.desk.models import Article
from broadsheet.desk.reads.rights import may_change
from broadsheet.kit.say import Refusal

Screen = Callable[..., HttpResponse]

may_edit = permission_required("desk.change_article", raise_exception=True)


def on_article(action: str, *related: str) -> Callable[[Screen], Screen]:
    """A screen about one article, for those who may do this in the article's section.

    `related` is fetched along. Anybody else gets PermissionDenied, whatever the method.
    """

    def for_the_entitled(view: Screen) -> Screen:
        @wraps(view)
        def inside(request: HttpRequest, pk: int, **options: Any) -> HttpResponse:
            found = Article.objects.select_related("section__title", "item__source", *related)
            article = get_object_or_404(found, pk=pk)
            if not may_change(request.user, article, action):
                raise PermissionDenied
            return view(request, article, **options)

        return may_edit(inside)

    return for_the_entitled


def crumbs(*labels: tuple[str, str]) -> list[dict[str, str]]:
    """The way from the desk to this screen: addresses and labels."""
    home = {"url": reverse("wagtailadmin_home"), "label": _("Desk")}
    return [home, *({"url": url, "label": label} for url, label in labels)]


def who(request: HttpRequest) -> User:
    """The signed-in editor; the screens' permissions have let nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def edit_url(article: Article) -> str:
    """The article's form."""
    return reverse("wagtailsnippets_desk_article:edit", args=[article.pk])


def attempt(request: HttpRequest, action: Callable[[], Any], done: str) -> bool:
    """Run an action and say what became of it; a refusal becomes a message with its remedy."""
    try:
        action()
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return False
    messages.success(request, done)
    return True


def back(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """To the list the editor came from, which the form names, or to the given address."""
    wanted = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return redirect(wanted if own and wanted.startswith("/") else otherwise)


def form_screen(
    request: HttpRequest, article: Article, form: Any, title: str, button: str, **more: Any
) -> HttpResponse:
    """A form that does something to an article; `more` for the template."""
    context = {
        "article": article,
        "form": form,
        "button": button,
        "grave": False,
        "saved": 0,
        "header_title": f"{title}: {article}",
        "breadcrumbs_items": crumbs((edit_url(article), str(article)), ("", title)),
    }
    return render(request, "desk/form_screen.html", context | more)
