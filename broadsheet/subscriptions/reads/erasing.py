"""May an account be deleted? Not while money can still move in its name."""

from broadsheet.accounts.models import User
from broadsheet.ledger.actions import awaited, undecided
from broadsheet.subscriptions.models import Checkout


def is_charged(reader: User) -> bool:
    """Whether money may still be taken from this reader, is on its way back, or disputed."""
    told = all(s.renews == s.renews_told and not s.is_live for s in reader.subscriptions.all())
    if not told or awaited().filter(reader=reader).exists():
        return True
    if undecided().filter(payment__reader=reader).exists():
        return True
    return reader.checkouts.filter(state=Checkout.OPEN, ref__isnull=False).exists()


def is_settled(reader: User) -> bool:
    """Whether nothing is charged, and the gateway has answered since."""
    return not (is_charged(reader) or reader.subscriptions.unheard().exists())
