"""Previews come from the press, which stands after the desk: it registers its renderer here."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

Renderer = Callable[[Any], str]
_renderers: list[Renderer] = []


def register(renderer: Renderer) -> None:
    """Called once by the press when the newsroom starts."""
    _renderers[:] = [renderer]


def render(article: Any) -> HttpResponse:
    """The article as readers would get it, uncached and for staff only."""
    response = HttpResponse(_renderers[0](article))
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
