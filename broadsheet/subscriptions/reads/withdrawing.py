"""Which contract, or purchase of a gift, can be withdrawn from, until when, and the address that
needs no sign-in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core import signing

from broadsheet.accounts.models import User
from broadsheet.desk.models import Paper
from broadsheet.kit import clock
from broadsheet.ledger.actions import left_of
from broadsheet.ledger.models import Billing, RefundOrder, Seller
from broadsheet.ledger.taxes.table import withdrawing_at
from broadsheet.subscriptions.models import GiftSubscription, Subscription
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.rules import withdrawal_ends

SALT = "withdrawal"
WITHDRAWN = "Withdrawn from the contract"
"""Why money goes back, in the books and at the desk."""


def concluded_at(subscription: Subscription) -> datetime:
    """When the contract was made, whatever plans and pauses it had since.

    With a trial that is when the trial began, and there is no second time to withdraw when the
    first charge comes: it was told before (CJEU, C-565/22, Sofatutor).
    """
    if subscription.trial_starts is not None:
        return subscription.trial_starts
    first = subscription.periods.filter(number=0).first()
    return first.starts if first else subscription.anchor


def withdrawable_until(subscription: Subscription) -> datetime | None:
    """Until when the reader may withdraw, UTC; None when that is over or no law here says so.

    The law is that of the reader's country, or where it is not known of the seller's.
    """
    if not subscription.is_live:
        return None
    return _until(subscription.reader, concluded_at(subscription), subscription.zone)


def _until(buyer: User | None, concluded: datetime, zone: str) -> datetime | None:
    now = clock.now()
    country = Billing.of(buyer).country if buyer else ""
    rule = withdrawing_at(
        country or Seller.current().country, now.astimezone(ZoneInfo(zone)).date()
    )
    if rule is None:
        return None
    until = withdrawal_ends(concluded, rule.days, zone)
    return until if now < until else None


def gift_withdrawal_ends(gift: GiftSubscription) -> datetime | None:
    """Until when the law lets the buyer of a gift withdraw, UTC, whatever became of the gift; None
    when that is over or no law here says so.

    The law is found as for a subscription; who has no account has said no country.
    """
    if gift.payment is None:
        return None
    return _until(gift.buyer, gift.payment.at, Paper.load().time_zone)


def gift_withdrawable_until(gift: GiftSubscription) -> datetime | None:
    """The same while there is something to withdraw from: not once it was redeemed or given back,
    or the money is on its way."""
    if gift.payment is None or not gift.is_waiting or is_going_back(gift):
        return None
    return gift_withdrawal_ends(gift)


def is_going_back(gift: GiftSubscription) -> bool:
    """Whether nothing of the money is left, or its buyer withdrew: the code opens nothing, also
    where the bank refused the money and it goes back another way."""
    spent = gift.payment is not None and left_of(gift.payment) <= 0
    return spent or gift_withdrawn(gift) is not None


def gift_withdrawn(gift: GiftSubscription) -> RefundOrder | None:
    """What was ordered back when the buyer withdrew; None when nobody did."""
    if gift.payment is None:
        return None
    orders = gift.payment.refund_orders.filter(reason=WITHDRAWN, by=None)
    first: RefundOrder | None = orders.first()
    return first


def withdrawal_address(subscription: Subscription) -> str:
    """Where whoever has the mail of the contract withdraws from it; "" when nobody may."""
    if withdrawable_until(subscription) is None:
        return ""
    token = signing.dumps(subscription.pk, salt=SALT)
    return f"{origin()}/subscribe/withdraw/{token}/"


def signed_subscription(token: str) -> Subscription | None:
    """The subscription of such an address; None for any other."""
    try:
        number = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    found = Subscription.objects.select_related("reader", "version__plan").filter(pk=number)
    first: Subscription | None = found.first()
    return first
