"""To an issuer and back; and the reader's own list of accounts elsewhere."""

from typing import Any, cast

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from broadsheet.accounts.issuers.provider import IssuerAdapter, refuse_another_issuer
from broadsheet.accounts.issuers.ways import connections as connections_of
from broadsheet.accounts.issuers.ways import disconnect, is_only_way
from broadsheet.accounts.models import User
from broadsheet.accounts.recent import recent_sign_in_required


class Back(OAuth2CallbackView):  # type: ignore[misc]
    """The reader comes back from the issuer."""

    def _get_state(self, request: HttpRequest, provider: Any) -> tuple[Any, Any]:
        """What was remembered when it began, for whoever began it in this browser."""
        state, refusal = super()._get_state(request, provider)
        self.adapter.state = state or {}
        if state is None:
            return state, refusal
        try:
            refuse_another_issuer(request.GET.get("iss"), self.adapter.issuer)
        except OAuth2Error as error:
            return state, render_authentication_error(request, provider, exception=error)
        return state, refusal


@never_cache
def login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """POST leads to the issuer. A GET asks first: a link from elsewhere signs nobody in."""
    provider = _provider(request, provider_id)
    try:
        return _view(OAuth2LoginView, request, provider_id)
    except OAuth2Error as error:
        refused: HttpResponse = render_authentication_error(request, provider, exception=error)
        return refused


@never_cache
@require_safe
def back(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Where the issuer sends the reader."""
    _provider(request, provider_id)
    return _view(Back, request, provider_id)


def _provider(request: HttpRequest, slug: str) -> Any:
    try:
        return get_adapter().get_provider(request, slug)
    except SocialApp.DoesNotExist:
        raise Http404 from None


def _view(kind: Any, request: HttpRequest, slug: str) -> HttpResponseBase:
    answer: HttpResponseBase = kind.adapter_view(IssuerAdapter(request, slug))(request)
    return answer


@never_cache
@login_required
@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """The accounts elsewhere that sign in to this one, and those that could."""
    reader = cast(User, request.user)
    found = connections_of(reader)
    taken = {one.slug for one in found}
    context = {
        "title": _("Other accounts"),
        "connections": found,
        "only_way": is_only_way(reader, found),
        "offered": [p for p in get_adapter().list_providers(request) if p.sub_id not in taken],
    }
    return render(request, "accounts/connections.html", context)


@never_cache
@require_POST
@recent_sign_in_required("connections")
def connect(request: HttpRequest, slug: str) -> HttpResponse:
    """Let an account elsewhere open this one: to the issuer, and back to the list."""
    provider = _provider(request, slug)
    answer: HttpResponse
    try:
        answer = provider.redirect(request, AuthProcess.CONNECT, reverse("connections"))
    except OAuth2Error as error:
        answer = render_authentication_error(request, provider, exception=error)
    return answer


@never_cache
@require_POST
@recent_sign_in_required("connections")
def end_connection(request: HttpRequest, number: int) -> HttpResponse:
    """Disconnect one, unless nothing else would open the account."""
    reader = cast(User, request.user)
    name = disconnect(reader, number, request)
    if name:
        messages.success(request, _("Disconnected: %(name)s.") % {"name": name})
    else:
        messages.info(request, _("Nothing was disconnected."))
    return redirect("connections")
