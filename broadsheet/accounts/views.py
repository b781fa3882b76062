"""Pages around a reader's forms: passkeys, devices, saving a report, a form that came too late."""

from typing import cast
from urllib.parse import urlencode, urlsplit

from allauth.account.utils import (
    get_login_redirect_url,
    get_next_redirect_url,
    passthrough_next_redirect_url,
)
from allauth.core.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from broadsheet.accounts import actions, limits, reads
from broadsheet.accounts.models import User

SAVED = "/account/saved/"
LARGEST = 2**63 - 1


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long or came from elsewhere; nothing was changed."""
    context = {"title": _("Please send the form again")}
    return render(request, "accounts/csrf_failure.html", context, status=403)


def desk_login(request: HttpRequest) -> HttpResponse:
    """The desk's own sign-in knows no second factor: everyone signs in at one door."""
    query = urlencode({"next": request.GET.get("next") or "/desk/"})
    return redirect(f"{reverse('account_login')}?{query}")


@never_cache
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey: the only one of the doors that needs a script."""
    if request.user.is_authenticated:
        return redirect(get_login_redirect_url(request))
    page = get_next_redirect_url(request) or ""
    hidden = format_html('<input type="hidden" name="next" value="{}">', page) if page else ""
    login_url = passthrough_next_redirect_url(request, reverse("account_login"), "next")
    context = {
        "title": _("Sign in with a passkey"),
        "redirect_field": hidden,
        "login_url": login_url,
    }
    return render(request, "accounts/passkey.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def devices(request: HttpRequest) -> HttpResponse:
    """Where the reader is signed in; POST `device=NUMBER` or `others=1` signs out there,
    `named=NUMBER` and `name` calls it something."""
    if request.method == "POST":
        _name(request) if request.POST.get("named") else _sign_out(request)
        return redirect("devices")
    found = reads.devices(cast(User, request.user), request.session.session_key or "")
    others = sum(not device.current for device in found)
    context = {"title": _("Devices"), "devices": found, "others": others}
    return render(request, "accounts/devices.html", context)


@never_cache
@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Where the gate leads a device that was signed out for another one: why, and what to do."""
    page = get_next_redirect_url(request) or "/"
    login = f"{reverse('account_login')}?{urlencode({'next': page})}"
    context = {
        "title": _("You were signed out here"),
        "why": limits.told_once(request) or "",
        "page": page,
        "login_url": login,
    }
    return render(request, "accounts/signed_out.html", context)


def _name(request: HttpRequest) -> None:
    number, name = number_of(request.POST.get("named")), request.POST.get("name", "")
    if actions.name_device(cast(User, request.user), number, name):
        messages.success(request, _("The name is kept."))
    else:
        messages.info(request, _("That device is no longer signed in."))


def _sign_out(request: HttpRequest) -> None:
    reader, here = cast(User, request.user), request.session.session_key or ""
    if request.POST.get("others"):
        ended = actions.end_other_devices(reader, here)
        told = ngettext(
            "Signed out on %(count)s other device.", "Signed out on %(count)s other devices.", ended
        )
        messages.success(request, told % {"count": ended})
    elif actions.end_device(reader, number_of(request.POST.get("device"))):
        messages.success(request, _("Signed out on that device."))
    else:
        messages.info(request, _("That device is no longer signed in."))


@csrf_exempt
@require_POST
def save_article(request: HttpRequest) -> HttpResponse:
    """POST `article=NUMBER` keeps a report for later, with `remove=1` forgets it.

    The button stands on pressed pages, which are the same bytes for every reader and hold no CSRF
    token. So the view is exempt from Django's and looks at where the form stood: browsers send
    Origin with every POST (Fetch standard, "append a request Origin header"; RFC 6454, section
    7), and no page can forge it. A POST that names another origin, "null", or nothing at all
    (neither Origin nor Referer) is refused. The session cookie is SameSite=Lax besides: it does
    not come along with a POST from another site.
    """
    if not is_from_here(request):
        return csrf_failure(request)
    number = number_of(request.POST.get("article"))
    if not number:
        return _unknown(request)
    if not request.user.is_authenticated:
        if not request.POST.get("remove"):
            _mark(request, number)
        return redirect(f"{reverse('account_login')}?{urlencode({'next': SAVED})}")
    if request.POST.get("remove"):
        actions.unsave_article(request.user, number)
        messages.success(request, _("The report is no longer saved."))
    else:
        actions.save_article(request.user, number)
        messages.success(request, _("The report is saved."))
    return redirect(SAVED)


def _mark(request: HttpRequest, number: int) -> None:
    """Without an account it is kept in the session, and saved when the reader has signed in."""
    if consume(request, action="mark"):
        actions.mark_article(request.session, number)
        words = _("Sign in, or create an account: then the report is saved.")
        messages.info(request, words)
    else:
        first = _("Many reports were saved from your network within the hour.")
        then = _("Sign in first, and save this one again.")
        messages.warning(request, f"{first} {then}")


def is_from_here(request: HttpRequest) -> bool:
    """Whether the form stood on a page of the paper's own origin (scheme, host and port)."""
    said = request.headers.get("origin") or request.headers.get("referer", "")
    parts = urlsplit(said)
    own = settings.ORIGIN or f"{request.scheme}://{request.get_host()}"
    return bool(parts.netloc) and f"{parts.scheme}://{parts.netloc}".lower() == str(own).lower()


def number_of(text: str | None) -> int:
    """An article's or device's number, 0 when it is none."""
    digits = text or ""
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else 0
    return number if number <= LARGEST else 0


def _unknown(request: HttpRequest) -> HttpResponse:
    context = {"title": _("There is no such report")}
    return render(request, "accounts/no_such_report.html", context, status=400)
