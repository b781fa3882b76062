"""Signing in and signing up: an e-mail address, and the code that is sent to it."""

from typing import Any

from allauth.account import signals
from allauth.account.fields import EmailField, PasswordField
from allauth.account.forms import AddEmailForm, LoginForm, RequestLoginCodeForm, SignupForm
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.utils import passthrough_next_redirect_url
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from broadsheet.accounts.models import User


class SignIn(LoginForm):  # type: ignore[misc]
    """An address, and a password for those who have one: without it a code is sent."""

    def __init__(self, *args: Any, **names: Any) -> None:
        super().__init__(*args, **names)
        # allauth leaves the field out where signing up asks for no password.
        self.fields["login"] = EmailField(label=_("E-mail address"))
        self.fields["password"] = PasswordField(
            label=_("Password"), autocomplete="current-password", required=False
        )


class AskForCode(RequestLoginCodeForm):  # type: ignore[misc]
    """An address that a sign-in code is sent to."""

    email = EmailField(label=_("E-mail address"))


class AddAddress(AddEmailForm):  # type: ignore[misc]
    """Another address of the same reader."""

    email = EmailField(label=_("E-mail address"))


class SignUp(SignupForm):  # type: ignore[misc]
    """An address, and nothing else.

    New and known addresses take the same way, so that nobody learns who reads the paper: a code
    is sent, and whoever types it in is signed in. A reader who has forgotten that there is an
    account simply gets into it.
    """

    def __init__(self, *args: Any, **names: Any) -> None:
        super().__init__(*args, **names)
        self.fields["email"].label = _("E-mail address")
        self._reader: User | None = None

    def clean_email(self) -> str:
        """The address; raises ValidationError when it asks for codes too often."""
        email = str(super().clean_email())
        asked = AskForCode({"email": email})
        if not asked.is_valid():
            raise forms.ValidationError(asked.errors.get("email", []))
        self._reader = asked._user
        return email

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse]:
        """Make the account unless there is one, and send the code either way."""
        with transaction.atomic():
            reader = self._reader if self.account_already_exists else self._made(request)
            LoginCodeVerificationProcess.initiate(
                request=request, user=reader, email=self.cleaned_data["email"]
            )
        confirm = reverse("account_confirm_login_code")
        return reader, HttpResponseRedirect(passthrough_next_redirect_url(request, confirm, "next"))

    def _made(self, request: HttpRequest) -> User:
        email = self.cleaned_data["email"]
        try:
            with transaction.atomic():
                reader: User = self.save(request)
        except IntegrityError:  # The form was sent twice at once: the other one made the account.
            return User.objects.get(email=email)
        signals.user_signed_up.send(sender=User, request=request, user=reader)
        return reader
