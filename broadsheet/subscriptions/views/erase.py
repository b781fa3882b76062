"""The reader deletes the account: what goes, what the law keeps, and the button."""

from typing import cast

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.accounts.models import ReaderPolicy, User
from broadsheet.accounts.reads import is_staff
from broadsheet.accounts.recent import recent_sign_in_required
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.reads import account as reads


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest) -> HttpResponseBase:
    """GET says what would happen; POST does it."""
    return _erase(request) if request.method == "POST" else _page(request)


def _page(request: HttpRequest) -> HttpResponse:
    reader = cast(User, request.user)
    subscription = reads.live_subscription(reader)
    context = {
        "title": _("Delete my account"),
        "is_staff": is_staff(reader),
        "subscription": reads.subscription_view(subscription) if subscription else None,
        "has_invoices": Invoice.objects.filter(reader=reader).exists(),
        "years": ReaderPolicy.current().invoice_years,
    }
    return render(request, "subscriptions/erase.html", context)


@recent_sign_in_required("erase")
def _erase(request: HttpRequest) -> HttpResponse:
    try:
        gone = actions.ask_to_erase(cast(User, request.user))
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
        return redirect("erase")
    logout(request)
    messages.success(request, _gone() if gone else _waits())
    return redirect("account_login")


def _gone() -> str:
    return _("Your account is deleted. A mail confirms it.")


def _waits() -> str:
    return _(
        "Your account is closed. It is deleted as soon as the payment service has confirmed that"
        " nothing more is charged; a mail then tells you."
    )
