"""Error pages of the newsroom, in the paper's own look."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from broadsheet.look.strict import render
from broadsheet.press.frame import make_frame


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """404 as the gate shows it."""
    frame = make_frame()
    return HttpResponse(render("press/error_404.html", frame.page("/", "404")), status=404)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """400 with the sentence of whoever refused; nothing was changed."""
    said = str(exception) if type(exception) is BadRequest else ""
    frame = make_frame()
    context = frame.page("/", "400") | {"sentence": said}
    return HttpResponse(render("press/error_400.html", context), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: the error is in the log, the paper stays readable."""
    frame = make_frame()
    return HttpResponse(render("press/error_503.html", frame.page("/", "500")), status=500)
