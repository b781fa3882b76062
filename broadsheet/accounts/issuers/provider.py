"""allauth's OpenID Connect, asked through our own fetch and with nothing taken on trust."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import get_random_string

from broadsheet.accounts.adapter import paper_on_pages
from broadsheet.accounts.issuers import asking, claims
from broadsheet.kit.sign_in_with import Issuer

Facts = dict[str, Any]


def issuer_of(slug: str) -> Issuer:
    """The issuer of this id. Raises SocialApp.DoesNotExist for one that is not configured."""
    for issuer in settings.SIGN_IN_WITH:
        if issuer.slug == slug:
            return issuer
    raise SocialApp.DoesNotExist


class IssuerAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One sign-in with one issuer. `state` is what was remembered when it began."""

    state: Facts

    @property
    def issuer(self) -> Issuer:
        """Whom the publisher named."""
        return issuer_of(self.provider_id)

    @property
    def openid_config(self) -> Facts:
        """How the issuer is spoken to."""
        return asking.configuration(self.issuer)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """Where the issuer sends the reader back: at the paper's origin, whatever Host said."""
        path = reverse("openid_connect_callback", kwargs={"provider_id": self.provider_id})
        return paper_on_pages(request).origin + path

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str = ""
    ) -> Facts:
        """Change the code into tokens."""
        back = self.get_callback_url(request, app)
        return asking.tokens(self.issuer, request.GET["code"], back, pkce_code_verifier)

    def parse_token(self, data: Facts) -> SocialToken:
        """Used once to ask who it is, and kept nowhere."""
        return SocialToken(token=str(data.get("access_token", "")))

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **said: Any
    ) -> SocialLogin:
        """Who it is that comes back."""
        id_token, nonce = said["response"].get("id_token"), self.state.get("nonce", "")
        keys = asking.keys(self.issuer)
        known = claims.claims_of(id_token, keys, self.issuer, nonce)
        if "email" not in known:
            known = claims.with_person(known, asking.person(self.issuer, token.token))
        if not isinstance(known.get("email", ""), str):
            raise OAuth2Error("the issuer gives an address that is no text")
        return self.get_provider().sociallogin_from_response(request, known)


class IssuerProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """An issuer as allauth sees it. What is kept of a person: issuer, subject and address."""

    package = "broadsheet.accounts.issuers"
    oauth2_adapter_class = IssuerAdapter
    pkce_enabled_default = True

    def serialize(self) -> dict[str, Any]:
        """By our id: two issuers may know the paper under the same client id."""
        return {"id": self.sub_id}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """`next` and the purpose; allauth's would take scope and parameters from the address."""
        chosen: dict[str, Any] = Provider.get_redirect_from_request_kwargs(self, request)
        return chosen

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, **_: Any
    ) -> HttpResponse:
        """Send the reader to the issuer, with a state, a nonce and a PKCE challenge."""
        nonce = get_random_string(32)
        answer: HttpResponse = super().redirect(
            request, process, next_url, auth_params={"nonce": nonce}, nonce=nonce
        )
        return answer

    def extract_uid(self, data: Facts) -> str:
        """Issuer and subject together."""
        return claims.name_of(data)

    def extract_extra_data(self, data: Facts) -> Facts:
        """Enough to tell the reader which account it is."""
        kept = {name: data[name] for name in ("iss", "sub")}
        return kept | {"email": str(data.get("email", ""))[:254]}

    def extract_email_addresses(self, data: Facts) -> list[EmailAddress]:
        """The address, confirmed or not."""
        email, sure = str(data.get("email", "")).lower(), claims.confirms_address(data)
        return [EmailAddress(email=email, verified=sure, primary=True)] if email else []


def refuse_another_issuer(said: str | None, issuer: Issuer) -> None:
    """Raise OAuth2Error when an answer names another issuer than was asked (RFC 9207, 2.4)."""
    if said is not None and said != issuer.url:
        raise OAuth2Error("the answer came from another issuer")
