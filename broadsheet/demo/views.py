"""The demo's outbox, for whoever wants to sign up in the demo."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from broadsheet.accounts.models import Mail
from broadsheet.desk.models import Paper


@dataclass(frozen=True, slots=True)
class MailView:
    """A mail as the page shows it."""

    subject: str
    to: str
    at: datetime
    text: str


@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """The newest mails of the demo; any other paper answers 404."""
    if not Paper.load().demo:
        raise Http404
    mails = [MailView(m.subject, m.to, m.queued_at, m.text) for m in Mail.objects.all()[:50]]
    context = {"mails": mails, "title": _("Outgoing mail")}
    return render(request, "demo/inbox.html", context)
