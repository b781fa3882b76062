"""Subscribers from elsewhere: a file is uploaded, its plans chosen, tried, imported, undone."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import ImportForm
from broadsheet.subscriptions.models import ImportFile, SubscriberImport
from broadsheet.subscriptions.newsroom.frame import page_of, screen, show, who
from broadsheet.subscriptions.reads import importing
from broadsheet.subscriptions.reads.business import imports as reads

RIGHT = "subscriptions.change_subscription"
SHOWN = 50
"""Problems on the screen; the file has all."""
NO_ACCESS = "none"
"""Of a plan's choice: an account without access."""


@screen(RIGHT)
def imports(request: HttpRequest) -> HttpResponse:
    """Upload a file, and see those that were."""
    form = ImportForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        file, format = form.cleaned_data["file"], form.cleaned_data["format"]
        try:
            made = actions.take_file(file.read(), file.name, by=who(request), format=format)
        except Refusal as refusal:
            form.add_error("file", f"{refusal.problem} {refusal.remedy}")
        else:
            return redirect("business_import", pk=made.pk)
    if form.errors:
        status = 400
    page = page_of(request, _all())
    rows = [(row, reads.format_name(row.format)) for row in page.object_list]
    context = {"form": form, "page": page, "rows": rows}
    return show(request, "imports", _("Import"), context, icon="upload", status=status)


def _all() -> QuerySet[SubscriberImport]:
    return SubscriberImport.objects.select_related("by")


@screen(RIGHT)
@require_safe
def one_import(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: what it would do, how far it is, or what it did."""
    found = get_object_or_404(_all(), pk=pk)
    context = {"import": found, "format": reads.format_name(found.format), "no_access": NO_ACCESS}
    try:
        context |= (
            _waiting(request, found) if found.state == found.READY else _begun(request, found)
        )
    except ImportFile.DoesNotExist:
        return redirect("business_import", pk=pk)  # Done or dropped a moment ago.
    above = ((reverse("business_imports"), _("Import")),)
    answer = show(request, "import", found.file_name, context, icon="upload", above=above)
    if found.state in (found.RUNNING, found.UNDOING):
        answer["Refresh"] = "2"
    return answer


def _waiting(request: HttpRequest, found: SubscriberImport) -> dict[str, Any]:
    listing = importing.listing_of(found)
    tried = importing.dry_run(found, listing, who(request))
    choices = reads.plan_choices(found, listing, clock.now())
    return {
        "choices": choices,
        "plans": reads.our_plans(),
        "missing": sum(choice.chosen is None for choice in choices),
        "counts": reads.counted(dict(tried.counts)),
        "problems": tried.problems[:SHOWN],
        "problem_count": len(tried.problems),
        "before": reads.same_file(found),
    }


def _begun(request: HttpRequest, found: SubscriberImport) -> dict[str, Any]:
    query = request.GET.get("q", "").strip()[:100]
    page = page_of(request, reads.brought_along(found, query))
    return {
        "counts": reads.counted(found.counts),
        "problems": found.problems.all()[:SHOWN],
        "problem_count": found.problems.count(),
        "page": page,
        "query": query,
        "to_welcome": reads.to_welcome(found),
        "undoable": reads.undoable(found),
        "kept": found.imported.filter(state="open").count() - reads.undoable(found),
    }


@screen(RIGHT)
@require_safe
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem as a file: of the dry run, or of what was done."""
    found = get_object_or_404(SubscriberImport, pk=pk)
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="import-{pk}-problems.csv"'},
    )
    if found.state == found.READY:
        listing = importing.listing_of(found)
        told: Any = importing.dry_run(found, listing, who(request)).problems
    else:
        told = found.problems.iterator()
    reads.write_csv(answer, told)
    return answer


@screen(RIGHT)
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the buttons: choose plans, run, drop, undo, welcome."""
    found = get_object_or_404(SubscriberImport, pk=pk)
    chosen = ACTS.get(request.POST.get("act", ""))
    if chosen is not None:
        work, done = chosen
        try:
            work(request, found)
        except (Refusal, ImportFile.DoesNotExist) as problem:
            wrong = problem if isinstance(problem, Refusal) else _gone()
            messages.error(request, f"{wrong.problem} {wrong.remedy}")
        else:
            messages.success(request, str(done))
    return redirect("business_import", pk=pk)


def _gone() -> Refusal:
    return Refusal(_("This import has begun already."), _("Look at what it says now."))


def _choose(request: HttpRequest, found: SubscriberImport) -> None:
    listing = importing.listing_of(found)
    plans = {}
    for choice in reads.plan_choices(found, listing, clock.now()):
        slug = request.POST.get(choice.field, "")
        if slug:
            plans[choice.theirs] = "" if slug == NO_ACCESS else slug
    actions.choose_plans(found, plans)


def _run(request: HttpRequest, found: SubscriberImport) -> None:
    actions.start_import(found, by=who(request))


def _drop(request: HttpRequest, found: SubscriberImport) -> None:
    actions.drop_import(found)


def _undo(request: HttpRequest, found: SubscriberImport) -> None:
    actions.undo_import(found)


def _welcome(request: HttpRequest, found: SubscriberImport) -> None:
    actions.ask_to_welcome(found)


Act = tuple[Callable[[HttpRequest, SubscriberImport], None], object]

ACTS: dict[str, Act] = {
    "choose": (_choose, gettext_lazy("The plans are chosen. Nothing is imported yet.")),
    "run": (_run, gettext_lazy("The import has begun. You may leave this page.")),
    "drop": (_drop, gettext_lazy("The file is deleted. Nothing was imported.")),
    "undo": (_undo, gettext_lazy("The import is being undone.")),
    "welcome": (_welcome, gettext_lazy("The welcome mails are on their way.")),
}

ADDRESSES = [
    path("business/imports/", imports, name="business_imports"),
    path("business/imports/<int:pk>/", one_import, name="business_import"),
    path("business/imports/<int:pk>/problems.csv", problems, name="business_import_problems"),
    path("business/imports/<int:pk>/act/", act, name="business_import_act"),
]
