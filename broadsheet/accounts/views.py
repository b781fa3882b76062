"""Pages around a reader's forms."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or came from elsewhere; nothing was changed."""
    context = {"title": _("Please send the form again")}
    return render(request, "accounts/csrf_failure.html", context, status=403)
