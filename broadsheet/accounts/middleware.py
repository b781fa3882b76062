"""On the way in: the page a reader wanted, the device in use, the desk's door and second factor."""

import time
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from broadsheet.accounts import limits
from broadsheet.accounts.adapter import WANTED
from broadsheet.accounts.models import StaffPolicy, User
from broadsheet.accounts.reads import has_second_factor
from broadsheet.accounts.sessions import AT_DESK, SessionStore
from broadsheet.kit import clock

Answer = Callable[[HttpRequest], HttpResponse]

ACTIVITY_EVERY = 5 * 60
"""Seconds between two notes that a device is active."""

TO_DESK = "second_factor_for"
"""In the session: the desk's page that waits until staff have set up a second factor."""


class WantedPage:
    """Remembers `next` once a sign-in has begun.

    allauth hands it on from form to form, but loses it where a code has expired, was mistyped too
    often, or where an unfinished sign-in is taken up again.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only forms and unfinished sign-ins count: a crawler that follows links leaves no row."""
        if request.path.startswith("/accounts/") and not request.user.is_authenticated:
            self._remember(request)
        return self.get_response(request)

    def _remember(self, request: HttpRequest) -> None:
        begun = request.method == "POST" or LOGIN_SESSION_KEY in request.session
        page = begun and (request.POST.get("next") or request.GET.get("next"))
        leaving = request.path == reverse("account_logout")
        if page and not leaving and get_adapter().is_safe_url(page):
            request.session[WANTED] = [page, time.time()]


class DeviceActivity:
    """Notes when a session was last used, every few minutes at most: it goes on from then."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The cache knows what has been noted, so most requests cost no query."""
        key = request.session.session_key
        if request.user.is_authenticated and key and cache.add(f"device.{key}", 1, ACTIVITY_EVERY):
            self._note(request, key)
        return self.get_response(request)

    def _note(self, request: HttpRequest, key: str) -> None:
        assert isinstance(request.session, SessionStore)
        request.session.go_on()
        if request.path.startswith("/-/"):  # The gate asks in the reader's name, not as a browser.
            UserSession.objects.filter(session_key=key).update(last_seen_at=clock.now())
            return
        assert isinstance(request.user, User)
        # A sign-in elsewhere may have ended this session since it was read: it is no device then.
        with limits.turn(request.user):
            if request.session.exists(key):
                UserSession.objects.create_from_request(request)


class SignedOutDevice:
    """Tells a browser that was signed out for another one why, on its next page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only a browser whose session has ended costs a query. Scripts that note where somebody
        reads show nothing: the browser keeps its cookies, and is told on its next page."""
        own = request.path.startswith("/-/") or request.path == reverse("signed_out")
        ended = settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.is_empty()
        if not ended or own:
            return self.get_response(request)
        if request.path == reverse("place"):
            return self._unheard(request)
        why = limits.told_once(request)
        if why:
            messages.warning(request, why)
        return self.get_response(request)

    def _unheard(self, request: HttpRequest) -> HttpResponse:
        if limits.is_untold(request):
            # Django takes the cookie of an ended session back only where it was sent.
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
            return HttpResponse(status=401, headers={"cache-control": "private, no-store"})
        return self.get_response(request)


class DeskDoor:
    """Tells signed-in readers that the desk is not for them.

    Wagtail sends them to the sign-in, which sends whoever is signed in back to the desk.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """403 for readers; signing out stays open to all."""
        asked = request.path.startswith("/desk/") and request.user.is_authenticated
        leaving = request.path == reverse("wagtailadmin_logout")
        if asked and not leaving and not request.user.has_perm("wagtailadmin.access_admin"):
            context = {"title": _("The desk is for the newsroom")}
            return render(request, "accounts/not_staff.html", context, status=403)
        return self.get_response(request)


class StaffSecondFactor:
    """Keeps staff without a second factor out of the desk when the publisher asks for one."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let pass, or lead to where a factor is set up or asked for."""
        if request.path.startswith("/desk/") and request.user.is_authenticated:
            request.session.setdefault(AT_DESK, True)
            missing = self._missing(request, request.user)
            if missing:
                request.session[TO_DESK] = request.get_full_path()
                return redirect(missing)
            request.session.pop(TO_DESK, None)
        return self.get_response(request)

    def _missing(self, request: HttpRequest, user: User) -> str:
        """Where staff who may not pass are led, else ""."""
        if request.path == reverse("wagtailadmin_logout"):
            return ""
        if not StaffPolicy.current().second_factor:
            return ""
        if not has_second_factor(user):
            return _with_next("mfa_index", request)
        records = get_authentication_records(request, user)
        if any(record["method"] == "mfa" for record in records):
            return ""
        return _with_next(_asked_for(user), request)


def _asked_for(user: User) -> str:
    """This session began without the factor: it is asked for now."""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return "mfa_reauthenticate" if app else "mfa_reauthenticate_webauthn"


def _with_next(name: str, request: HttpRequest) -> str:
    return f"{reverse(name)}?{urlencode({'next': request.get_full_path()})}"
