"""Null bytes in addresses: PostgreSQL takes none in a text, and nobody means one."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class NullBytes:
    """An address with one in its path is nobody's; one in the query is a space."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Before anything asks the database. Raises Http404."""
        if "\0" in request.path:
            raise Http404
        query = request.META.get("QUERY_STRING", "")
        request.META["QUERY_STRING"] = query.replace("%00", "%20")
        return self.get_response(request)
