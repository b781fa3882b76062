"""The frame for pages that the newsroom renders itself: search, sign-in, account."""

from typing import Any

from django.http import HttpRequest

from broadsheet.press.frame import make_frame


def paper(request: HttpRequest) -> dict[str, Any]:
    """A context processor; the desk's own pages do without."""
    if request.path.startswith("/desk/"):
        return {}
    return make_frame().page(request.path, "")
