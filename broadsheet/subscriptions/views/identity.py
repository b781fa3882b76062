"""The paper as an OpenID Provider for its partners: allauth's provider, and what we ask beside it.

Only the authorization-code flow with PKCE (RFC 7636, S256) and a secret; an address to come back
to is one that the desk wrote down, letter by letter (RFC 9700, 2.1).
"""

from typing import Any, cast

from allauth.core.internal.httpkit import add_query_params
from allauth.core.ratelimit import consume
from allauth.idp.oidc import views as provider
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from broadsheet.accounts.models import User
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import PartnerBenefit
from broadsheet.subscriptions.partnering import ALWAYS, EMAIL_SCOPE
from broadsheet.subscriptions.reads.benefits import lack_of, may_claim
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.reads.rights import entitlements

RATE = "partner"
"""Name of the rate of wrong secrets in ACCOUNT_RATE_LIMITS."""
REFUSED = (400, 401, 403)


@never_cache
@require_safe
def configuration(request: HttpRequest) -> JsonResponse:
    """What partners' software reads first (OpenID Connect Discovery 1.0, 3)."""
    at = {name: f"{origin()}{reverse(f'idp:oidc:{name}')}" for name in NAMES}
    return JsonResponse(
        {
            "issuer": origin(),
            "authorization_endpoint": at["authorization"],
            "token_endpoint": at["token"],
            "userinfo_endpoint": at["userinfo"],
            "revocation_endpoint": at["revoke"],
            "jwks_uri": at["jwks"],
            "scopes_supported": [*ALWAYS, EMAIL_SCOPE],
            "claims_supported": ["sub", "entitled", "until", "email", "email_verified"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )


NAMES = ("authorization", "token", "userinfo", "revoke", "jwks")


class Authorization(provider.AuthorizationView):  # type: ignore[misc]
    """The page on which a reader lets a partner ask; agreeing claims the benefit."""

    template_name = "subscriptions/consent.html"

    def get(self, request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        """What the partner would be told; who has no right to it is shown the plans."""
        benefit = _benefit(request.GET.get("client_id", ""))
        back = request.GET.get("redirect_uri", "")
        client = benefit.client if benefit else None
        if benefit is None or client is None or back not in client.get_redirect_uris():
            return _refuse(request, _("The partner's link is wrong."))
        problem = _problem(request)
        if problem:
            return _back(back, problem, request.GET.get("state", ""))
        reader = request.user
        if isinstance(reader, User) and not may_claim(reader, benefit, clock.now()):
            state = request.GET.get("state", "")
            return _not_entitled(request, benefit, back, state)
        answer: HttpResponse = super().get(request, *args, **names)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        """Claim it, and lead back with a code; the e-mail address goes along only when ticked."""
        benefit = _benefit(self._request_info["client_id"])
        if benefit is None:
            return _refuse(self.request, _("The partner's link is wrong."))
        try:
            actions.claim(cast(User, self.request.user), benefit)
        except Refusal:
            info = self._request_info
            return _not_entitled(
                self.request, benefit, info["redirect_uri"], info.get("state") or ""
            )
        chosen = set(form.cleaned_data["scopes"]) | set(ALWAYS)
        form.cleaned_data["scopes"] = [scope for scope in self._scopes if scope in chosen]
        answer: HttpResponse = super().form_valid(form)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The benefit, and whether the e-mail address is asked for."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        benefit = _benefit(self._request_info["client_id"])
        return context | {
            "title": _("Share with a partner"),
            "benefit": benefit,
            "asks_email": EMAIL_SCOPE in self._scopes,
        }


def _not_entitled(
    request: HttpRequest, benefit: PartnerBenefit, back: str, state: str
) -> HttpResponse:
    reader = cast(User, request.user)
    names = {
        "title": _("Not with your plan"),
        "benefit": benefit,
        "lack": lack_of(reader, entitlements(reader, clock.now()), benefit.entitlement),
        "running": benefit.is_running(clock.now()),
        "back": add_query_params(back, _denied("access_denied", state)),
    }
    return render(request, "subscriptions/not_entitled.html", names, status=403)


def _benefit(client: str) -> PartnerBenefit | None:
    found = PartnerBenefit.objects.filter(client=client, kind=PartnerBenefit.OPENID)
    benefit: PartnerBenefit | None = found.select_related("client").first()
    return benefit


def _problem(request: HttpRequest) -> str:
    """The error of RFC 6749 (4.1.2.1) or OpenID Connect Core 1.0 (3.1.2.6), or ""."""
    asked = request.GET
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
        return "invalid_request"
    if not {*ALWAYS} <= set(asked.get("scope", "").split()):
        return "invalid_scope"
    if "none" in asked.get("prompt", "").split():
        return "interaction_required"
    return ""


def _denied(error: str, state: str) -> dict[str, str]:
    return {"error": error, "state": state} if state else {"error": error}


def _back(address: str, error: str, state: str) -> HttpResponse:
    answer = HttpResponse(status=302)
    answer["Location"] = add_query_params(address, _denied(error, state))
    return answer


def _refuse(request: HttpRequest, problem: str) -> HttpResponse:
    names = {"title": _("This does not work"), "problem": problem}
    return render(request, "subscriptions/partner_refused.html", names, status=400)


authorization = never_cache(Authorization.as_view())


@csrf_exempt
@never_cache
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Tokens for a code; wrong secrets and codes count, so that guessing ends soon."""
    if not consume(request, action=RATE, dry_run=True):
        return JsonResponse({"error": "temporarily_unavailable"}, status=429)
    answer: HttpResponse = provider.token(request)
    if answer.status_code in REFUSED:
        consume(request, action=RATE)
    return answer


userinfo = csrf_exempt(never_cache(provider.user_info))
revoke = csrf_exempt(never_cache(provider.revoke))
jwks = never_cache(provider.jwks)
