"""Before an act: is the reader signed in, and before a delicate one, since a moment ago?"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

RECENT = 10 * 60
"""Seconds for which a sign-in, or a password or second factor given again, counts."""

View = Callable[..., HttpResponseBase]


def signed_in_lately(request: HttpRequest) -> bool:
    """Whether this session has shown within the last minutes who the reader is."""
    user = request.user if request.user.is_authenticated else None
    records = get_authentication_records(request, user)
    return bool(records) and 0 <= time.time() - records[-1]["at"] < RECENT


def sign_in_required(page: str) -> Callable[[View], View]:
    """A view that a button sends to. Who has to sign in on the way comes to the page of this name,
    where the button is: the view's own address takes nothing but a POST."""

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **names: Any) -> HttpResponseBase:
            if request.user.is_authenticated:
                return view(request, *args, **names)
            return redirect_to_login(reverse(page))

        return asked

    return decorate


def recent_sign_in_required(page: str) -> Callable[[View], View]:
    """A view that only acts for who has signed in a moment ago. Others confirm that it is them,
    and come to the page of this name, where the button is."""

    def decorate(view: View) -> View:
        @wraps(view)
        @sign_in_required(page)
        def asked(request: HttpRequest, *args: Any, **names: Any) -> HttpResponseBase:
            if signed_in_lately(request):
                return view(request, *args, **names)
            return _ask_again(request, reverse(page))

        return asked

    return decorate


def _ask_again(request: HttpRequest, back: str) -> HttpResponse:
    """By password or second factor. Who has neither signs in anew, by a code: allauth knows no
    other way for them, and would let them pass."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        logout(request)
    words = _("First confirm that it is you. Then press the button once more.")
    messages.info(request, words)
    where = methods[0]["url"] if methods else reverse("account_login")
    return redirect(f"{where}?{urlencode({'next': back})}")
