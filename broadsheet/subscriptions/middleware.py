"""Hands out passes at sign-in, takes them back at sign-out."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from broadsheet.accounts.models import ReaderPolicy
from broadsheet.gate import passes
from broadsheet.kit import clock
from broadsheet.subscriptions.passes import key, pass_name, place_name, set_pass, set_place


class ReaderPass:
    """After each answer of the newsroom, the pass fits who is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set, replace or delete the pass; a fresh pass of the same reader stays as it is."""
        response = self.get_response(request)
        # Whatever the newsroom says to one reader is nobody else's; views may say more.
        response.setdefault("Cache-Control", "private, no-store")
        if request.path.startswith("/-/") or pass_name() in response.cookies:
            return response
        self._place(request, response)
        text = request.COOKIES.get(pass_name(), "")
        if not request.user.is_authenticated:
            if text:
                response.delete_cookie(pass_name(), samesite="Lax")
        elif not self._fits(text, request.user.pk):
            set_pass(response, request.user)
        return response

    def _place(self, request: HttpRequest, response: HttpResponse) -> None:
        """Pages are the same for all: this cookie alone says that a place is to be noted."""
        has = place_name() in request.COOKIES
        wants = request.user.is_authenticated and request.user.keeps_history
        if wants and not has and ReaderPolicy.current().history_days:
            set_place(response)
        elif has and not wants:
            response.delete_cookie(place_name(), samesite="Lax")

    def _fits(self, text: str, reader: int) -> bool:
        now = clock.now().timestamp()
        pass_ = passes.verify_pass(text, key(), now) if text else None
        fresh = pass_ is not None and passes.is_fresh(pass_, now)
        return pass_ is not None and fresh and pass_.reader == reader
