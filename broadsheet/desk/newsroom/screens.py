"""The desk's own screens: what came in, one item, corrections, withdrawals, quarantine."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.accounts.models import User
from broadsheet.desk import actions
from broadsheet.desk.differences import difference
from broadsheet.desk.forms import CorrectionForm, WithdrawalForm
from broadsheet.desk.models import Article
from broadsheet.desk.reads import incoming as reads
from broadsheet.kit.say import Refusal
from broadsheet.wire import actions as wire
from broadsheet.wire.models import Fetch, Item, Outcome, Source

may_edit = permission_required("desk.change_article", raise_exception=True)
may_publish = permission_required("desk.publish_article", raise_exception=True)
may_withdraw = permission_required("desk.withdraw_article", raise_exception=True)


def _crumbs(*labels: tuple[str, str]) -> list[dict[str, str]]:
    home = {"url": reverse("wagtailadmin_home"), "label": _("Desk")}
    return [home, *({"url": url, "label": label} for url, label in labels)]


def who(request: HttpRequest) -> User:
    """The signed-in editor; the screens' permissions have let nobody else in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def _edit_url(article: Article) -> str:
    return reverse("wagtailsnippets_desk_article:edit", args=[article.pk])


@may_edit
def incoming(request: HttpRequest) -> HttpResponse:
    """Everything that came in, by queue and source, 50 a page."""
    queue = request.GET.get("queue", "all")
    queue = queue if queue in reads.QUEUES else "all"
    source = request.GET.get("source", "")
    query = request.GET.get("q", "").strip()[:100]
    page = Paginator(reads.items(queue, source, query), reads.PAGE).get_page(request.GET.get("p"))
    context = {
        "rows": [reads.row(item) for item in page.object_list],
        "page": page,
        "queue": queue,
        "queues": queue_links(),
        "source": source,
        "sources": Source.objects.order_by("agency"),
        "query": query,
        "quarantined": quarantined(),
        "header_title": _("What came in"),
        "breadcrumbs_items": _crumbs(("", _("What came in"))),
        "header_icon": "download",
    }
    return render(request, "desk/incoming.html", context)


def queue_links() -> list[tuple[str, str]]:
    """The queues with their names."""
    return [
        ("all", _("All")),
        ("waiting", _("Waits for the desk")),
        ("updates", _("Updates waiting")),
        ("stale", _("Our headline, newer wire")),
        ("withdrawn", _("Withdrawn")),
    ]


def quarantined() -> int:
    """How many documents wait in quarantine."""
    return Fetch.objects.filter(outcome=Outcome.QUARANTINED, replayed_at=None).count()


@may_edit
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """One item with every version the wire sent; nothing of it is ever lost."""
    found = get_object_or_404(Item.objects.select_related("source", "latest"), pk=pk)
    article = Article.objects.filter(item=found).first()
    context = {
        "item": found,
        "row": reads.row(found),
        "article": article,
        "versions": found.versions.select_related("fetch__feed").order_by("-number"),
        "header_title": str(found),
        "breadcrumbs_items": _crumbs(
            (reverse("desk_incoming"), _("What came in")), ("", str(found))
        ),
    }
    return render(request, "desk/item.html", context)


def do(request: HttpRequest, action: Any, done: str) -> None:
    """Run an action; a refusal becomes a message with its remedy."""
    try:
        action()
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    else:
        messages.success(request, done)


@may_edit
@require_POST
def make_article(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft from an item that no rule published."""
    found = get_object_or_404(Item, pk=pk)
    try:
        article = actions.make_article(found, by=who(request))
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("desk_item", pk=pk)
    return redirect(_edit_url(article))


@may_publish
@require_POST
def release(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Give a field back to the wire."""
    article = get_object_or_404(Article, pk=pk)
    do(
        request,
        lambda: actions.release(article, field, by=who(request)),
        _("The field follows the wire again."),
    )
    return redirect(_edit_url(article))


@may_publish
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """The wire's waiting version against the one our body was made from, and against our body."""
    article = get_object_or_404(
        Article.objects.select_related("waiting", "basis", "body_from", "item__source"), pk=pk
    )
    if request.method == "POST":
        keep = request.POST.get("choice") == "ours"
        if not keep and request.POST.get("choice") != "theirs":
            return HttpResponseBadRequest(_("Choose whose text is to stand."))
        action = actions.keep_own_body if keep else actions.take_waiting
        done = _("Our text stays.") if keep else _("The wire's newest text is on the page.")
        do(request, lambda: action(article, by=who(request)), done)
        return redirect(_edit_url(article))
    waiting = article.waiting
    made_from = article.body_from or article.basis
    old = made_from.body if made_from else ""
    context = {
        "article": article,
        "waiting": waiting,
        "wire_changes": difference(old, waiting.body) if waiting else [],
        "our_changes": difference(old, article.full_body),
        "header_title": _("The wire moved on"),
        "breadcrumbs_items": _crumbs((_edit_url(article), str(article)), ("", _("Difference"))),
    }
    return render(request, "desk/compare.html", context)


@may_publish
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """A note to readers above the text."""
    article = get_object_or_404(Article, pk=pk)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data
        do(
            request,
            lambda: actions.correct(article, note["text"], by=who(request), kind=note["kind"]),
            _("Readers see the note now."),
        )
        return redirect(_edit_url(article))
    return _form_screen(request, article, form, _("Correct"), _("Publish the note"))


@may_withdraw
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a report back, for good."""
    article = get_object_or_404(Article, pk=pk)
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        do(
            request,
            lambda: actions.withdraw(article, form.cleaned_data["reason"], by=who(request)),
            _("The report is withdrawn: its address answers with your notice, nothing lists it."),
        )
        return redirect(_edit_url(article))
    return _form_screen(request, article, form, _("Withdraw"), _("Withdraw the report"), grave=True)


def _form_screen(
    request: HttpRequest, article: Article, form: Any, title: str, button: str, grave: bool = False
) -> HttpResponse:
    context = {
        "article": article,
        "form": form,
        "button": button,
        "grave": grave,
        "header_title": f"{title}: {article}",
        "breadcrumbs_items": _crumbs((_edit_url(article), str(article)), ("", title)),
    }
    return render(request, "desk/form_screen.html", context)


@may_edit
def quarantine(request: HttpRequest) -> HttpResponse:
    """Documents that could not be read, with the reason; each can be read again."""
    waiting = Fetch.objects.filter(outcome=Outcome.QUARANTINED).select_related("feed")
    context = {
        "page": Paginator(waiting, 50).get_page(request.GET.get("p")),
        "header_title": _("Quarantine"),
        "breadcrumbs_items": _crumbs(("", _("Quarantine"))),
    }
    return render(request, "desk/quarantine.html", context)


@permission_required("wire.change_fetch", raise_exception=True)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a stored document again."""
    fetch = get_object_or_404(Fetch.objects.select_related("feed__source"), pk=pk)
    wire.replay(fetch)
    actions.catch_up()
    if fetch.outcome == Outcome.QUARANTINED:
        messages.error(request, _("Still not readable: %(why)s") % {"why": fetch.problem})
    else:
        messages.success(request, _("Read; what it held has been taken in."))
    return redirect("desk_quarantine")
