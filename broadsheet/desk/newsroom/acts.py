"""What is done to an article beside editing it: released, corrected, held, withdrawn."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from broadsheet.accounts.models import SavedArticle
from broadsheet.desk import actions
from broadsheet.desk.forms import CorrectionForm, HoldForm, WithdrawalForm
from broadsheet.desk.models import Article, Notice
from broadsheet.desk.newsroom.frame import (
    attempt,
    back,
    edit_url,
    form_screen,
    may_edit,
    on_article,
    who,
)
from broadsheet.desk.reads.rights import may_change


@require_POST
@on_article("publish")
def release(request: HttpRequest, article: Article, field: str) -> HttpResponse:
    """Give a field back to the wire."""
    attempt(
        request,
        lambda: actions.release(article, field, by=who(request)),
        _("The field follows the wire again."),
    )
    return back(request, edit_url(article))


@require_POST
@on_article("publish")
def keep_headline(request: HttpRequest, article: Article) -> HttpResponse:
    """Our headline stays beside the wire's newer one."""
    attempt(
        request,
        lambda: actions.keep_headline(article, by=who(request)),
        _("Our headline stays."),
    )
    return back(request, edit_url(article))


@on_article("correct")
def correct(request: HttpRequest, article: Article) -> HttpResponse:
    """A note to readers above the text."""
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data
        attempt(
            request,
            lambda: actions.correct(article, note["text"], by=who(request), kind=note["kind"]),
            _("Readers see the note now. For ten minutes it can be taken back."),
        )
        return redirect(edit_url(article))
    return form_screen(request, article, form, _("Correct"), _("Publish the note"))


def _note(request: HttpRequest, pk: int, action: str) -> Notice:
    """A notice that the user may do this with, by its article's section."""
    notice = get_object_or_404(Notice.objects.select_related("article__section__title"), pk=pk)
    if not may_change(request.user, notice.article, action):
        raise PermissionDenied
    return notice


@may_edit
def amend(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a note by another; what was told before stays in the log."""
    notice = _note(request, pk, "correct")
    form = CorrectionForm(request.POST or None, initial={"kind": notice.kind, "text": notice.text})
    del form.fields["kind"]
    if request.method == "POST" and form.is_valid():
        attempt(
            request,
            lambda: actions.amend(notice, form.cleaned_data["text"], by=who(request)),
            _("Readers see the new note now."),
        )
        return redirect(edit_url(notice.article))
    return form_screen(
        request, notice.article, form, _("Replace the note"), _("Publish the new note")
    )


@may_edit
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a fresh note back."""
    notice = _note(request, pk, "correct")
    attempt(
        request,
        lambda: actions.take_back(notice, by=who(request)),
        _("The note is taken back. The log keeps it."),
    )
    return back(request, edit_url(notice.article))


@may_edit
@require_POST
def seen(request: HttpRequest, pk: int) -> HttpResponse:
    """The desk has taken note of what the wire did."""
    notice = _note(request, pk, "change")
    attempt(request, lambda: actions.see(notice), _("Noted."))
    return back(request, edit_url(notice.article))


@on_article("hold")
def hold(request: HttpRequest, article: Article) -> HttpResponse:
    """Darken a report while it is being checked."""
    initial = {"text": _("We are checking this report.")}
    form = HoldForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        attempt(
            request,
            lambda: actions.hold(article, form.cleaned_data["text"], by=who(request)),
            _("The report is dark; its address says that it is being checked."),
        )
        return redirect(edit_url(article))
    return form_screen(request, article, form, _("Hold"), _("Hold the report"))


@require_POST
@on_article("hold")
def release_hold(request: HttpRequest, article: Article) -> HttpResponse:
    """Show it again."""
    attempt(
        request,
        lambda: actions.release_hold(article, by=who(request)),
        _("Readers see the report again, at its address, as it was."),
    )
    return back(request, edit_url(article))


@on_article("withdraw")
def withdraw(request: HttpRequest, article: Article) -> HttpResponse:
    """Take a report back, for good."""
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        attempt(
            request,
            lambda: actions.withdraw(article, form.cleaned_data["reason"], by=who(request)),
            _("The report is withdrawn: its address answers with your notice, nothing lists it."),
        )
        return redirect(edit_url(article))
    saved = SavedArticle.objects.filter(article=article.pk).count()
    return form_screen(
        request, article, form, _("Withdraw"), _("Withdraw the report"), grave=True, saved=saved
    )
