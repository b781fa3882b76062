"""Error pages of the newsroom, in the paper's own look."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from broadsheet.look.strict import render
from broadsheet.press.frame import make_frame


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404 as the gate shows it."""
    frame = make_frame()
    return HttpResponse(render("press/error_404.html", frame.page("/", "404")), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the error is in the log, the paper stays readable."""
    frame = make_frame()
    return HttpResponse(render("press/error_503.html", frame.page("/", "500")), status=500)
