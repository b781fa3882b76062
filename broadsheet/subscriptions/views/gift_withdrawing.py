"""Withdraw from the purchase of a gift, in two steps, from its buyer's page.

Directive 2011/83/EU, article 11a, as for a subscription (`views/withdrawing.py`): a statement with
a name, then a confirmation; the acknowledgement is a mail with day and time
(`actions.withdraw_gift`).
"""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from broadsheet.desk.models import Paper
from broadsheet.kit.money import Money, show
from broadsheet.kit.say import Refusal
from broadsheet.ledger.models import RefundOrder
from broadsheet.subscriptions import actions
from broadsheet.subscriptions.models import GiftSubscription
from broadsheet.subscriptions.reads.gifts.shown import gift_path, gift_view
from broadsheet.subscriptions.reads.withdrawing import gift_withdrawable_until, gift_withdrawn
from broadsheet.subscriptions.views.gift_keeping import buyers_gift
from broadsheet.subscriptions.views.withdrawing import Statement


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_gift(request: HttpRequest, key: str) -> HttpResponse:
    """The statement, its confirmation, and afterwards what became of it."""
    found = buyers_gift(request, key)
    if isinstance(found, HttpResponse):
        return found
    if found.payment is None:
        return redirect(gift_path(found))
    done = gift_withdrawn(found)
    until = None if done else gift_withdrawable_until(found)
    said = Statement.of(request)
    if said.is_confirmed and (until or done):
        try:
            actions.withdraw_gift(found, said.name)
        except Refusal:
            pass  # It was redeemed, or the time ended, a moment ago: the page says so.
        return redirect(request.path)
    zone, missing = ZoneInfo(Paper.load().time_zone), said.lacks_name(until)
    context = _facts(found, done, zone) | {
        "title": _("Withdraw from this purchase"), "missing": missing,
        "name": said.name or found.buyer_name, "step": _step(found, done) or said.step(until),
        "until": until and until.astimezone(zone),
    }  # fmt: skip
    status = 422 if missing else 200
    return render(request, "subscriptions/gift_withdraw.html", context, status=status)


def _step(gift: GiftSubscription, done: RefundOrder | None) -> str:
    """What became of it, "" as long as nothing did."""
    if done is not None:
        return "done"
    return "redeemed" if gift.redeemed_at is not None and gift.refunded_at is None else ""


def _facts(gift: GiftSubscription, done: RefundOrder | None, zone: ZoneInfo) -> dict[str, object]:
    """The purchase as the statement names it, and what goes back."""
    view = gift_view(gift, zone)
    back = Money(done.amount, gift.currency) if done else None
    return {
        "plan": view.plan, "length": view.length, "paid": view.paid, "concluded": view.bought,
        "address": gift.email, "back": view.path,
        "withdrawn": done and done.asked_at.astimezone(zone),
        "amount": show(back, get_language() or "en") if back else "",
    }  # fmt: skip
