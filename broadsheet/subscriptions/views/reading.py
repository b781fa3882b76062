"""Why do I see this? What was counted, for readers with an account and without one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.subscriptions.passes import reader_id_of
from broadsheet.subscriptions.reads.reading import reading_of


@never_cache
@require_safe
def reading(request: HttpRequest) -> HttpResponse:
    """The reader's own list, from the account or the signed cookie: titles and times, no texts."""
    reader = request.user if isinstance(request.user, User) else None
    view = reading_of(reader, reader_id_of(request))
    context = {"title": _("Your free articles"), "reading": view}
    return render(request, "subscriptions/reading.html", context)
