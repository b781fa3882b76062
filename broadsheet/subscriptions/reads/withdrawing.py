"""Which contract can be withdrawn from, until when, and the address that needs no sign-in."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core import signing

from broadsheet.kit import clock
from broadsheet.ledger.models import Billing, Seller
from broadsheet.ledger.taxes.table import withdrawing_at
from broadsheet.subscriptions.models import Subscription
from broadsheet.subscriptions.reads.origin import origin
from broadsheet.subscriptions.rules import withdrawal_ends

SALT = "withdrawal"


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
    now = clock.now()
    country = Billing.of(subscription.reader).country or Seller.current().country
    rule = withdrawing_at(country, now.astimezone(ZoneInfo(subscription.zone)).date())
    if rule is None or not subscription.is_live:
        return None
    until = withdrawal_ends(concluded_at(subscription), rule.days, subscription.zone)
    return until if now < until else None


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
