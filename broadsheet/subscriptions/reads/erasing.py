"""May an account be deleted? Not while money can still move in its name."""

from broadsheet.accounts.models import User
from broadsheet.ledger.models import RefundOrder
from broadsheet.subscriptions.models import Checkout


def is_charged(reader: User) -> bool:
    """Whether money may still be taken from this reader."""
    told = all(s.renews == s.renews_told and not s.is_live for s in reader.subscriptions.all())
    return not told or reader.checkouts.filter(state=Checkout.OPEN, ref__isnull=False).exists()


def is_settled(reader: User) -> bool:
    """Whether nothing is charged, the gateway has answered since, and no refund is on its way."""
    unheard = reader.subscriptions.unheard().exists()
    unpaid = RefundOrder.objects.filter(payment__reader=reader, payment__refunds=None).exists()
    return not (is_charged(reader) or unheard or unpaid)
