"""A gift's own page for its buyer: back from paying, the code, the recipient, the invoice.

Its address holds a key that buyer and gateway know alone. Who bought with an account signs in, and
where that account was erased there is no such page any more.
"""

from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

from allauth.core.ratelimit import consume
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import Invoice
from broadsheet.ledger.providers.base import GatewaySilent
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.forms import RecipientForm
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.gifts.shown import (
    gift_path,
    gift_view,
    gifts_bought,
    gifts_redeemed,
    redeem_address,
)
from broadsheet.subscriptions.reads.withdrawing import (
    gift_withdrawable_until,
    gift_withdrawal_ends,
    is_going_back,
)
from broadsheet.subscriptions.views.another import somebody_elses
from broadsheet.subscriptions.views.connected import connected
from broadsheet.subscriptions.views.documents import invoice_file

SOON, LATER = 4, 30
"""Seconds until a page asks again by itself: at first, and when it has asked for a while."""
A_WHILE = timedelta(minutes=10)
MAILED = "gift_mail"
"""The rate of mails that a buyer may cause, in ACCOUNT_RATE_LIMITS."""


@never_cache
@login_required
@require_safe
def own_gifts(request: HttpRequest) -> HttpResponse:
    """What the reader gave, and what the reader was given."""
    reader = cast(User, request.user)
    context = {
        "title": _("Gift subscriptions"),
        "bought": gifts_bought(reader),
        "redeemed": gifts_redeemed(reader),
    }
    return render(request, "subscriptions/gift_list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def gift(request: HttpRequest, key: str) -> HttpResponse:
    """A gift that was bought; until it is paid, the payment service is asked."""
    found = buyers_gift(request, key)
    if isinstance(found, HttpResponse):
        return found
    if found.payment_id is None:
        asked = _asked(request, found, paying=True)
        if isinstance(asked, HttpResponse):
            return asked
        found = asked
    if request.method == "POST":
        return _act(request, found)
    return _page(request, found, RecipientForm())


@never_cache
@require_safe
def left(request: HttpRequest, key: str) -> HttpResponse:
    """From not paying; who has paid in another window meanwhile sees the gift all the same."""
    found = get_object_or_404(GiftSubscription.objects.with_buyer(), key=key)
    asked = _asked(request, found, paying=False)
    return asked if isinstance(asked, HttpResponse) else redirect(gift_path(found))


def buyers_gift(request: HttpRequest, key: str) -> GiftSubscription | HttpResponse:
    """The gift for its buyer; for anybody else the way to sign in. Raises Http404 for a key that
    none has, or whose buyer is gone."""
    rows = GiftSubscription.objects.with_buyer()
    rows = rows.select_related("version__plan", "buyer", "payment__invoice")
    found = get_object_or_404(rows, key=key)
    if found.buyer is None or found.buyer == request.user:
        return found
    title = _("A gift of another account")
    return somebody_elses(request, "subscriptions/gift_other.html", title)


def _asked(
    request: HttpRequest, found: GiftSubscription, *, paying: bool
) -> GiftSubscription | HttpResponse:
    """What the gateway says: the gift when it is paid, else a page to wait on."""
    try:
        gift = actions.ask_about_gift(connected(found.provider), found)
    except GatewaySilent:
        return _waiting(request, found, status=503)
    except Refusal:
        context = {"title": _("Something does not fit"), "ref": found.ref or ""}
        return render(request, "subscriptions/refused.html", context, status=409)
    if gift.payment_id is not None:
        return gift
    if paying and gift.state == GiftSubscription.OPEN:
        return _waiting(request, gift)
    messages.info(request, _("Nothing was charged. The offer still stands."))
    return redirect("give", found.version.plan.slug)


def _waiting(request: HttpRequest, gift: GiftSubscription, *, status: int = 200) -> HttpResponse:
    """The payment is not confirmed: the page asks again by itself, also without scripts."""
    offer = reverse("give", args=[gift.version.plan.slug])
    context = {"title": _("One moment"), "is_silent": status == 503, "offer": offer}
    waiting = render(request, "subscriptions/waiting.html", context, status=status)
    long = gift.made_at + A_WHILE < clock.now()
    waiting["Refresh"] = str(LATER if long else SOON)
    return waiting


def _page(
    request: HttpRequest, gift: GiftSubscription, form: RecipientForm, *, code: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "title": _("Your gift"), "gift": gift_view(gift, ZoneInfo(Paper.load().time_zone)),
        "form": form, "code": code,
        "redeem": redeem_address(code) if code else "", "email": gift.email,
        "invoice": _invoice_address(gift),
    } | _withdrawing(gift)  # fmt: skip
    return render(request, "subscriptions/gift.html", context, status=status)


def _withdrawing(gift: GiftSubscription) -> dict[str, object]:
    """Whether its buyer may withdraw from the purchase, or might if nobody had redeemed it, and
    whether the money is on its way back."""
    ends = gift_withdrawal_ends(gift)
    may = ends is not None and gift_withdrawable_until(gift) is not None
    return {
        "withdraw": reverse("withdraw_gift", args=[gift.key]) if may else "",
        "is_too_late": ends is not None and gift.redeemed_at is not None,
        "is_going_back": is_going_back(gift),
    }


def _invoice_address(gift: GiftSubscription) -> str:
    label = gift.payment.invoice.label if gift.payment else ""
    if gift.buyer_id is not None:
        return reverse("invoice", args=[label])
    return reverse("gift_invoice", args=[gift.key, label])


def _act(request: HttpRequest, gift: GiftSubscription) -> HttpResponse:
    """Show the code, send it again, or to somebody else."""
    wish = request.POST.get("wish", "")
    try:
        if wish == "show":
            code = actions.show_code(gift)
            gift.refresh_from_db()
            return _page(request, gift, RecipientForm(), code=code)
        if wish == "send" and _may_mail(request):
            actions.send_gift_again(gift)
            messages.success(request, _("The gift is on its way once more."))
        elif wish == "recipient":
            return _change(request, gift)
    except Refusal as refusal:
        messages.error(request, f"{refusal.problem} {refusal.remedy}")
    return redirect(gift_path(gift))


def _change(request: HttpRequest, gift: GiftSubscription) -> HttpResponse:
    form = RecipientForm(request.POST)
    if not form.is_valid():
        return _page(request, gift, form, status=422)
    if _may_mail(request):
        if actions.change_recipient(gift, form.cleaned_data["recipient_email"]):
            messages.success(request, _("Changed. The code of before opens nothing any more."))
        else:
            messages.info(request, _("Nothing was changed: the recipient is the same."))
    return redirect(gift_path(gift))


def _may_mail(request: HttpRequest) -> bool:
    allowed = bool(consume(request, action=MAILED))
    if not allowed:
        messages.error(request, _("That was often. Please try again in an hour."))
    return allowed


@never_cache
@require_safe
def gift_invoice(request: HttpRequest, key: str, label: str) -> HttpResponse:
    """The invoice of a gift, or its credit note, as a PDF, for a buyer without an account."""
    rows = GiftSubscription.objects.with_buyer()
    found = get_object_or_404(rows, key=key, buyer=None, payment__isnull=False)
    bill = Q(payment=found.payment_id) | Q(credits__payment=found.payment_id)
    return invoice_file(get_object_or_404(Invoice, bill, label=label))
