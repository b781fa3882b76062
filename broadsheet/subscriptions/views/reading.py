"""Why do I see this? What was counted, for readers with an account and without one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.gate.passes import cookie_name, cookie_values, reader_key, verify_reader_id
from broadsheet.subscriptions.reads.reading import reading_of


@never_cache
@require_safe
def reading(request: HttpRequest) -> HttpResponse:
    """The reader's own list, from the account or the signed cookie: titles and times, no texts."""
    reader = request.user if isinstance(request.user, User) else None
    view = reading_of(reader, _reader_id(request))
    context = {"title": _("Your free articles"), "reading": view}
    return render(request, "subscriptions/reading.html", context)


def _reader_id(request: HttpRequest) -> str:
    """The reader id as the gate would take it: forged or doubled, it is none."""
    name = cookie_name("reader", settings.ORIGIN)
    values = cookie_values(request.headers.get("cookie", ""), name)
    if len(values) != 1:
        return ""
    return verify_reader_id(values[0], reader_key(settings.SECRET_KEY.encode())) or ""
