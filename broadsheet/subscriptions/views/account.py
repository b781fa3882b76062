"""The reader's own pages: subscription, invoices, saved articles."""

from contextlib import suppress

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from broadsheet.accounts.models import User
from broadsheet.accounts.views import save_article
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads import account as reads
from broadsheet.subscriptions.reads import policy
from broadsheet.subscriptions.reads.changing import change_view
from broadsheet.subscriptions.reads.gifts.shown import gifts_held
from broadsheet.subscriptions.reads.groups import group_of, members_of, memberships
from broadsheet.subscriptions.reads.invoices import invoice_view
from broadsheet.subscriptions.reads.past import past_view
from broadsheet.subscriptions.reads.pausing import pause_view
from broadsheet.subscriptions.reads.withdrawing import withdrawable_until
from broadsheet.subscriptions.views.connected import connected, in_words
from broadsheet.subscriptions.views.coupons import are_there_coupons
from broadsheet.subscriptions.views.documents import invoice_file
from broadsheet.subscriptions.wording import account_sentence, restart_sentence


@never_cache
@login_required
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What the reader has: the subscription, what comes next, invoices, free articles a month."""
    reader = _reader(request)
    subscription = reads.live_subscription(reader)
    every = request.GET.get("invoices") == "all"
    invoices = reads.invoices(reader, None if every else reads.MOST_INVOICES)
    context = {
        "title": _("Your account"),
        "free": account_sentence(policy().free_registered, policy().rules()),
        "restart": restart_sentence(policy().rules()),
        "subscription": reads.subscription_view(subscription) if subscription else None,
        "past": None if subscription else past_view(reader),
        "change": change_view(subscription) if subscription else None,
        "pause": pause_view(subscription, clock.now()) if subscription else None,
        "coupons": subscription is None and are_there_coupons(),
        "may_withdraw": bool(subscription and withdrawable_until(subscription)),
        "gifts": [] if subscription else gifts_held(reader),
        "invited": reads.invitations(reader),
        "memberships": memberships(reader),
        "owns_group": group_of(reader) is not None,
        "brought": reads.brought_along(reader),
        "reads_all": reads.reads_all(reader),
        "invoices": invoices,
        "more_invoices": 0 if every else reads.more_invoices(reader, invoices),
    }
    return render(request, "accounts/account.html", context)


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


@never_cache
@login_required
def cancel(request: HttpRequest) -> HttpResponse:
    """The second of two clicks: says until when access goes on, and cancels."""
    subscription = reads.live_subscription(_reader(request))
    if subscription is None or not subscription.renews:
        messages.info(request, _("There is nothing to cancel."))
        return redirect("account")
    if request.method == "POST":
        _set_renewal(subscription, renews=False)
        messages.success(request, _("Your subscription is cancelled. A mail confirms it."))
        return redirect("account")
    view = reads.subscription_view(subscription)
    context = {
        "title": _("Cancel the subscription"), "subscription": view,
        "members": members_of(subscription),
    }  # fmt: skip
    return render(request, "subscriptions/cancel.html", context)


@never_cache
@login_required
def resume(request: HttpRequest) -> HttpResponse:
    """Take the cancellation back. Who had to sign in again on the way finds the button again."""
    if request.method != "POST":
        return redirect("account")
    subscription = reads.live_subscription(_reader(request))
    if subscription is None:
        messages.info(request, _("The subscription has ended. You can subscribe again."))
        return redirect("subscribe")
    if not subscription.version.renews:
        messages.info(request, _("This plan is paid once and ends by itself."))
        return redirect("account")
    refusal = _set_renewal(subscription, renews=True)
    if refusal is None:
        messages.success(request, _("Your subscription goes on."))
    else:
        messages.warning(request, in_words(refusal))
    return redirect("account")


def _set_renewal(subscription: Subscription, *, renews: bool) -> Refusal | None:
    """Counts at once; a gateway that is silent is told by the worker. Why not, when it does not."""
    try:
        changed = actions.set_renewal(subscription, renews=renews)
    except Refusal as refusal:
        return refusal  # Ended a moment ago: the account page shows what is so.
    with suppress(GatewaySilent):
        actions.tell_gateway(connected(subscription.provider), changed)
    return None


@never_cache
@login_required
@require_safe
def invoice(request: HttpRequest, label: str) -> HttpResponse:
    """One invoice, to be read or printed."""
    found = get_object_or_404(Invoice, label=label, reader=_reader(request))
    view = invoice_view(found)
    title = _("Credit note") if view.credits else _("Invoice")
    context = {"title": f"{title} {view.label}", "invoice": view, "heading": title}
    return render(request, "subscriptions/invoice.html", context)


@never_cache
@login_required
@require_safe
def invoice_pdf(request: HttpRequest, label: str) -> HttpResponse:
    """The same as a PDF. Whose it is not finds nothing, like whoever guesses a number."""
    return invoice_file(get_object_or_404(Invoice, label=label, reader=_reader(request)))


@csrf_exempt
@never_cache
def saved(request: HttpRequest) -> HttpResponse:
    """The saved articles; a POST saves one. `save_article` checks where the POST comes from."""
    if request.method == "POST":
        return save_article(request)
    return _saved(request)


@login_required
def _saved(request: HttpRequest) -> HttpResponse:
    context = {
        "title": _("Saved articles"),
        "cards": reads.saved_cards(_reader(request)),
        "zone": Paper.load().time_zone,
    }
    return render(request, "subscriptions/saved.html", context)
