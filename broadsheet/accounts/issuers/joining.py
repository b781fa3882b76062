"""Whose account it is that an issuer's word opens: what allauth asks of the paper."""

from typing import Any, NoReturn

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from broadsheet.accounts.models import User
from broadsheet.accounts.reads import has_second_factor, is_staff
from broadsheet.accounts.recent import signed_in_lately

OPENID = "openid_connect"


class PaperIssuers(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Issuers come from the environment alone; accounts are joined by confirmed addresses alone."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Those that the publisher named; no database is asked."""
        return [
            SocialApp(
                provider=OPENID,
                provider_id=issuer.slug,
                name=issuer.name,
                client_id=issuer.client,
                secret=issuer.secret,
                settings={"server_url": issuer.url},
            )
            for issuer in settings.SIGN_IN_WITH
            if provider in (None, OPENID, issuer.slug)
        ]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> User:
        """A new account has an address, and nothing else."""
        reader: User = sociallogin.user
        reader.email = str(data.get("email", "")).lower()
        return reader

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account of an address that both sides have confirmed: the issuer for the person,
        and the reader by a code of ours. An address that somebody only typed here joins nothing,
        so that nobody can lay claim to it beforehand."""
        for address in (one.email.lower() for one in sociallogin.email_addresses if one.verified):
            found = EmailAddress.objects.filter(email=address, verified=True).first()
            if found and not is_staff(found.user):
                return found.user, address
        return None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse what is not safe before anything is made or joined."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            if not signed_in_lately(request):
                words = _("First confirm that it is you: sign in once more, then connect.")
                _refuse(request, words, "connections")
        elif sociallogin.is_existing:
            if is_staff(sociallogin.user) and not has_second_factor(sociallogin.user):
                words = _("Who works at the desk needs a second factor to sign in this way.")
                _refuse(request, words, "account_login")
        else:
            _refuse_unsure(request, sociallogin)


def _refuse_unsure(request: HttpRequest, sociallogin: SocialLogin) -> None:
    """A new account needs an address that the issuer vouches for, and that is nobody's here."""
    name = sociallogin.provider.name
    sure = [one.email.lower() for one in sociallogin.email_addresses if one.verified]
    if not sure:
        words = _(
            "%(name)s does not confirm that the e-mail address is yours. Sign in with a code first;"
            " then connect %(name)s in your account."
        )
        _refuse(request, words % {"name": name}, "account_login")
    if _is_known(sure):
        words = _(
            "Sign in with a code first; then connect %(name)s in your account, and it opens it from"
            " then on."
        )
        _refuse(request, words % {"name": name}, "account_login")


def _is_known(addresses: list[str]) -> bool:
    """Of staff, of an account that is closed, or typed by somebody and never confirmed."""
    theirs = User.objects.filter(email__in=addresses).exists()
    return theirs or bool(EmailAddress.objects.filter(email__in=addresses).exists())


def _refuse(request: HttpRequest, words: str, page: str) -> NoReturn:
    messages.warning(request, words)
    raise ImmediateHttpResponse(redirect(page))
